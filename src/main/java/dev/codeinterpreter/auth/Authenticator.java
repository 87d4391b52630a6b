package dev.codeinterpreter.auth;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Says in whose name a request is to be served, and whether it is to be. */
@SingleInstance
public class Authenticator {
    private static final String UNKNOWN = "The credential is unknown or has expired";
    private static final String MISSING = "A credential is needed: Authorization: Bearer, X-API-Key or Basic";

    private final AuthConfig config;
    private final Keys keys;
    private final @Nullable TokenVerifier tokens;
    private final Clock clock;
    private final FailureDelay delay;
    private final RateLimits rates = new RateLimits();

    /** What becomes of a request. */
    public sealed interface Decision {
        /** It is served. */
        record Serve(Caller caller, Optional<Rate> rate) implements Decision {}

        /** Its credential is missing or wrong. */
        record Unauthorized(String detail) implements Decision {}

        /** Its credential is right, and not good for what it asks. */
        record Forbidden(Caller caller, String detail) implements Decision {}

        /** Too many of them came. */
        record TooMany(Optional<Caller> caller, String detail, Duration retryAfter, Optional<Rate> rate)
                implements Decision {}
    }

    /**
     * Of a tenant's requests in a minute.
     *
     * @param reset until all may be sent again
     */
    public record Rate(int limit, int remaining, Duration reset) {}

    @Inject
    Authenticator(AuthConfig config, Keys keys, Clock clock) {
        this(
                config,
                keys,
                config.jwt()
                        .map(jwt -> new TokenVerifier(jwt, AuthTimings.DEFAULT, clock))
                        .orElse(null),
                clock,
                AuthTimings.DEFAULT);
    }

    Authenticator(AuthConfig config, Keys keys, @Nullable TokenVerifier tokens, Clock clock, AuthTimings timings) {
        this.config = config;
        this.keys = keys;
        this.tokens = tokens;
        this.clock = clock;
        this.delay = new FailureDelay(timings);
    }

    /** Whether credentials are asked for at all. */
    public boolean isOn() {
        return config.isOn();
    }

    /**
     * Decides about a request; waits before it says that a credential is wrong, where several were.
     *
     * @param need of its path as far as the path alone says it
     * @throws ServiceException CAPACITY_UNAVAILABLE when a token cannot be judged
     */
    public Decision decide(List<String> authorization, List<String> apiKey, InetAddress address, Need need) {
        if (!isOn()) {
            return new Decision.Serve(Caller.DEFAULT, Optional.empty());
        }
        if (need == Need.OPEN) {
            // What it brings is not looked at: so nothing can be learned here about keys.
            return new Decision.Serve(Caller.NOBODY, Optional.empty());
        }
        return switch (Credential.of(authorization, apiKey)) {
            case Credential.None _ -> new Decision.Unauthorized(MISSING);
            case Credential.Malformed wrong -> wrong(wrong.reason(), address);
            case Credential.Key key -> known(ofKey(key.text()), address, need);
            case Credential.Token token -> known(ofToken(token.text()), address, need);
        };
    }

    /**
     * Takes one more of the tenant's requests in a minute, for a request that holds several.
     *
     * @return until when it is refused; empty when it may be served
     */
    public Optional<Duration> takeMore(Caller caller) {
        OptionalInt perMinute = caller.limits().requestsPerMinute();
        if (perMinute.isEmpty()) {
            return Optional.empty();
        }
        RateLimits.Grant grant = rates.take(caller.tenant(), perMinute.getAsInt());
        return grant.isRefused() ? Optional.of(grant.retryAfter()) : Optional.empty();
    }

    /** Whether /metrics asks for its scope. */
    public boolean coversMetrics() {
        return isOn() && config.metrics();
    }

    private Optional<Caller> ofKey(String text) {
        KeyRing ring = keys.ring();
        return ring.find(text)
                .filter(key -> !key.hasExpired(clock.instant()))
                .map(key -> new Caller(key.tenant(), key.name(), key.scopes(), ring.limitsOf(key.tenant())));
    }

    private Optional<Caller> ofToken(String text) {
        return tokens == null
                ? Optional.empty()
                : tokens.verify(text)
                        .map(token -> new Caller(
                                token.tenant(),
                                token.subject(),
                                token.scopes(),
                                keys.ring().limitsOf(token.tenant())));
    }

    private Decision known(Optional<Caller> found, InetAddress address, Need need) {
        if (found.isEmpty()) {
            return wrong(UNKNOWN, address);
        }
        Caller caller = found.get();
        if (!need.isMetBy(caller)) {
            return new Decision.Forbidden(caller, need.missing());
        }
        OptionalInt perMinute = caller.limits().requestsPerMinute();
        if (perMinute.isEmpty()) {
            return new Decision.Serve(caller, Optional.empty());
        }
        RateLimits.Grant grant = rates.take(caller.tenant(), perMinute.getAsInt());
        Optional<Rate> rate = Optional.of(new Rate(grant.limit(), grant.remaining(), grant.reset()));
        return grant.isRefused()
                ? new Decision.TooMany(
                        Optional.of(caller),
                        "The tenant may send %d requests a minute (requests_per_minute). Retry after the Retry-After delay."
                                .formatted(grant.limit()),
                        grant.retryAfter(),
                        rate)
                : new Decision.Serve(caller, rate);
    }

    private Decision wrong(String detail, InetAddress address) {
        Duration wait = delay.count(address);
        return delay.await(wait)
                ? new Decision.Unauthorized(detail)
                : new Decision.TooMany(
                        Optional.empty(), "Too many wrong credentials are being sent", wait, Optional.empty());
    }
}
