/**
 * {@code POST /mcp}: the sandbox as a tool server, by the Model Context Protocol. {@link dev.codeinterpreter.mcp.McpResource}
 * checks the request, {@link dev.codeinterpreter.mcp.MessageReader} makes a {@link dev.codeinterpreter.mcp.Step} of each
 * message, and the {@link dev.codeinterpreter.mcp.Tool}s call the services that the other resources call.
 */
@NullMarked
package dev.codeinterpreter.mcp;

import org.jspecify.annotations.NullMarked;
