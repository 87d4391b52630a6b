/**
 * {@code code-interpreter-mcp}: a process of its own that connects a host which speaks MCP over standard input and output with
 * the service. It shares nothing with the service but the jar.
 */
@NullMarked
package dev.codeinterpreter.stdio;

import org.jspecify.annotations.NullMarked;
