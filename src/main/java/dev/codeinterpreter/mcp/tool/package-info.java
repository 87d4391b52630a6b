/**
 * The tools that a model is offered, and the files that it can read: {@link dev.codeinterpreter.mcp.tool.ToolCatalog} lists
 * them and checks a call's arguments, {@link dev.codeinterpreter.mcp.tool.ToolCalls} calls one, and each
 * {@link dev.codeinterpreter.mcp.tool.Tool} calls the services that the other resources call.
 */
@NullMarked
package dev.codeinterpreter.mcp.tool;

import org.jspecify.annotations.NullMarked;
