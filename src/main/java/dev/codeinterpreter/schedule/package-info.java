/** Work that repeats, and work that may take only so long. */
@NullMarked
package dev.codeinterpreter.schedule;

import org.jspecify.annotations.NullMarked;
