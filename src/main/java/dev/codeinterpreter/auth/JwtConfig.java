package dev.codeinterpreter.auth;

import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Whose tokens count. Where one of ours is not set, MicroProfile JWT's name of the same is read.
 *
 * @param issuer that a token has to name (AUTH_JWT_ISSUER, mp.jwt.verify.issuer)
 * @param audiences of which a token has to name one (AUTH_JWT_AUDIENCE, mp.jwt.verify.audiences)
 * @param keys where the issuer's keys are (AUTH_JWT_JWKS_URL, mp.jwt.verify.publickey.location); else the issuer's
 *     discovery names the place
 * @param tenantClaim that names the tenant (AUTH_JWT_TENANT_CLAIM)
 * @param scopeClaim that names the scopes (AUTH_JWT_SCOPE_CLAIM)
 */
public record JwtConfig(
        String issuer, List<String> audiences, Optional<URI> keys, String tenantClaim, String scopeClaim) {

    public JwtConfig {
        audiences = List.copyOf(audiences);
    }

    static Optional<JwtConfig> from(Settings settings) {
        Optional<String> issuer =
                settings.optionalText("AUTH_JWT_ISSUER").or(() -> settings.optionalText("mp.jwt.verify.issuer"));
        List<String> audiences = settings.words("AUTH_JWT_AUDIENCE", settings.text("mp.jwt.verify.audiences", ""));
        Optional<URI> keys = location(settings, "AUTH_JWT_JWKS_URL")
                .or(() -> location(settings, "mp.jwt.verify.publickey.location"));
        String tenantClaim = settings.text("AUTH_JWT_TENANT_CLAIM", "sub");
        String scopeClaim = settings.text("AUTH_JWT_SCOPE_CLAIM", "scope");
        if (issuer.isEmpty()) {
            return Optional.empty();
        }
        if (audiences.isEmpty()) {
            settings.problem("AUTH_JWT_AUDIENCE must be set where AUTH_JWT_ISSUER is: "
                    + "else the tokens for every other service of that issuer would count here");
        }
        if (keys.isEmpty() && !isHttp(issuer.get())) {
            settings.problem("AUTH_JWT_JWKS_URL must be set where AUTH_JWT_ISSUER is no http or https URL");
        }
        return Optional.of(new JwtConfig(issuer.get(), audiences, keys, tenantClaim, scopeClaim));
    }

    /** Where the keys are, or where it is written where they are. */
    URI discovery() {
        return URI.create(issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration");
    }

    private static Optional<URI> location(Settings settings, String name) {
        return settings.parsed(name, Optional.empty(), "an http or https URL", text -> {
            if (!isHttp(text)) {
                throw new IllegalArgumentException();
            }
            return Optional.of(URI.create(text));
        });
    }

    private static boolean isHttp(String text) {
        return text.startsWith("https://") || text.startsWith("http://");
    }
}
