/**
 * Launching sandboxes, each for one run or for a session. {@link dev.codeinterpreter.launch.ClaimedSandbox} is what a run
 * gets, whether it was launched for it or has waited in the pool.
 */
@NullMarked
package dev.codeinterpreter.launch;

import org.jspecify.annotations.NullMarked;
