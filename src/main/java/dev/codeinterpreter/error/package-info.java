/** What can go wrong, as a client sees it: one exception, one enum, one place that maps them to HTTP. */
@NullMarked
package dev.codeinterpreter.error;

import org.jspecify.annotations.NullMarked;
