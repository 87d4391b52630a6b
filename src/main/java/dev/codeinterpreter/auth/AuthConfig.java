package dev.codeinterpreter.auth;

import dev.codeinterpreter.config.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * @param keysFile of the keys and the tenants (AUTH_KEYS_FILE)
 * @param jwt whose tokens count (AUTH_JWT_*)
 * @param metrics whether /metrics asks for the scope of that name (METRICS_AUTH)
 */
public record AuthConfig(Optional<Path> keysFile, Optional<JwtConfig> jwt, boolean metrics) {

    public static AuthConfig from(Settings settings) {
        AuthConfig config = new AuthConfig(
                settings.optionalPath("AUTH_KEYS_FILE"),
                JwtConfig.from(settings),
                settings.flag("METRICS_AUTH", false));
        if (config.metrics && !config.isOn()) {
            settings.warning("METRICS_AUTH has no effect without AUTH_KEYS_FILE or AUTH_JWT_ISSUER");
        }
        return config;
    }

    /** Whether credentials are asked for. */
    public boolean isOn() {
        return keysFile.isPresent() || jwt.isPresent();
    }
}
