/**
 * Requests as bytes: heads, targets and chunked bodies are read here with a bound for each, before the web server sees them.
 */
@NullMarked
package dev.codeinterpreter.http1;

import org.jspecify.annotations.NullMarked;
