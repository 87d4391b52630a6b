/** What the log looks like. */
@NullMarked
package dev.codeinterpreter.logging;

import org.jspecify.annotations.NullMarked;
