/** Work that repeats, that may take only so long, that waits for its turn, and that is given up. */
@NullMarked
package dev.codeinterpreter.schedule;

import org.jspecify.annotations.NullMarked;
