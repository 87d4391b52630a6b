package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import java.util.function.Consumer;

/**
 * For whom something is done.
 *
 * @param settle returns when there is no doubt whether the client is there, a quarter of a second later at most
 * @param output takes what a program writes, piece by piece, for progress
 */
public record Call(
        Caller caller, Protocol protocol, Cancellation cancellation, Runnable settle, Consumer<byte[]> output) {}
