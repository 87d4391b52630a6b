/** Sandboxes that are ready before a run or a session claims one from {@link dev.codeinterpreter.pool.WarmPool}. */
@NullMarked
package dev.codeinterpreter.pool;

import org.jspecify.annotations.NullMarked;
