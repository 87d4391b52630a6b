/**
 * Launching sandboxes, and having some ready before they are asked for. {@link dev.codeinterpreter.pool.WarmPool} says how;
 * whoever needs a sandbox for a run claims one there.
 */
@NullMarked
package dev.codeinterpreter.pool;

import org.jspecify.annotations.NullMarked;
