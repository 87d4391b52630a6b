/** Messages of the Model Context Protocol as they are sent: their members, revisions, errors and the bytes of an answer. */
@NullMarked
package dev.codeinterpreter.mcp.message;

import org.jspecify.annotations.NullMarked;
