/**
 * The service that runs untrusted Python. {@link dev.codeinterpreter.Main} starts it, {@link
 * dev.codeinterpreter.CodeInterpreterApplication} lists what it answers; from there: {@code execution} and {@code session} are
 * what clients call, {@code run} is what both do and {@code answer} what a client reads of it; {@code launch} and {@code
 * pool} have the sandboxes, {@code sandbox} is the seam to the engines, {@code runner} the protocol with the Python side;
 * {@code server} and {@code http1} are below JAX-RS, {@code wire} is what comes in as JSON, {@code files} the store, {@code
 * spool} what waits on disk.
 */
@NullMarked
package dev.codeinterpreter;

import org.jspecify.annotations.NullMarked;
