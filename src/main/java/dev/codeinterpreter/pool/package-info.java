/**
 * Launching sandboxes, and having some ready before they are asked for. {@link dev.codeinterpreter.pool.WarmPool} says how;
 * a run claims its sandbox there.
 */
@NullMarked
package dev.codeinterpreter.pool;

import org.jspecify.annotations.NullMarked;
