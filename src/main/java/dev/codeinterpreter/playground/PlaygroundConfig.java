package dev.codeinterpreter.playground;

import dev.codeinterpreter.config.Settings;

/** @param enabled whether browsers find the playground at {@code /} (PLAYGROUND_ENABLED) */
public record PlaygroundConfig(boolean enabled) {

    public static PlaygroundConfig from(Settings settings) {
        return new PlaygroundConfig(settings.flag("PLAYGROUND_ENABLED", true));
    }
}
