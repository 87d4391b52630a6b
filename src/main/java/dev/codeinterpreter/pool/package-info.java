/** Sandboxes that are ready before a run asks for one. A run claims its sandbox from {@link dev.codeinterpreter.pool.WarmPool}. */
@NullMarked
package dev.codeinterpreter.pool;

import org.jspecify.annotations.NullMarked;
