/**
 * The service that runs untrusted Python. {@link dev.codeinterpreter.Main} starts it, {@link
 * dev.codeinterpreter.CodeInterpreterApplication} lists what it answers; from there: {@code execution} is the flow, {@code
 * sandbox} the seam to the engines, {@code runner} the protocol with the Python side, {@code files} the store, {@code wire}
 * what comes in as JSON.
 */
@NullMarked
package dev.codeinterpreter;

import org.jspecify.annotations.NullMarked;
