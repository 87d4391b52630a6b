/**
 * {@code POST /mcp}: the sandbox as a tool server, by the Model Context Protocol. {@link dev.codeinterpreter.mcp.McpResource}
 * checks the request, {@link dev.codeinterpreter.mcp.MessageReader} makes a {@link dev.codeinterpreter.mcp.Step} of each
 * message, and {@link dev.codeinterpreter.mcp.Performer} does what it asks for, with the tools of {@code mcp.tool}.
 */
@NullMarked
package dev.codeinterpreter.mcp;

import org.jspecify.annotations.NullMarked;
