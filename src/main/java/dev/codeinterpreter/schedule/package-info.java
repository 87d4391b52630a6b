/** Work that repeats. */
@NullMarked
package dev.codeinterpreter.schedule;

import org.jspecify.annotations.NullMarked;
