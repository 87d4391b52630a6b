package dev.codeinterpreter.mcp;

import dev.codeinterpreter.config.Settings;

/** @param enabled whether there is {@code /mcp} (MCP_ENABLED) */
public record McpConfig(boolean enabled) {

    public static McpConfig from(Settings settings) {
        return new McpConfig(settings.flag("MCP_ENABLED", true));
    }
}
