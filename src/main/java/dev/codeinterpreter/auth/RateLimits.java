package dev.codeinterpreter.auth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket of tokens for each tenant that has a limit of requests: it holds those of a minute and fills evenly.
 *
 * <p>INVARIANT: {@code this} guards {@code buckets}, which has at most {@value #MAX_TENANTS} entries; the one that was asked
 * longest ago goes first, and is full again by then unless so many tenants come within a minute.
 */
final class RateLimits {
    private static final int MAX_TENANTS = 20_000;
    private static final double NANOS_PER_MINUTE = 60e9;

    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_TENANTS;
        }
    };

    /** @param at by {@link System#nanoTime} */
    private record Bucket(double tokens, long at) {}

    /**
     * What a request got.
     *
     * @param remaining requests that may follow at once
     * @param reset until the bucket is full again
     * @param retryAfter until the next request would be granted; zero when this one was
     */
    record Grant(int limit, int remaining, Duration reset, Duration retryAfter) {
        boolean isRefused() {
            return !retryAfter.isZero();
        }
    }

    /** Takes one request of {@code perMinute} from the tenant's bucket, if there is one. */
    Grant take(String tenant, int perMinute) {
        return take(tenant, perMinute, System.nanoTime());
    }

    synchronized Grant take(String tenant, int perMinute, long now) {
        Bucket before = buckets.getOrDefault(tenant, new Bucket(perMinute, now));
        double perNano = perMinute / NANOS_PER_MINUTE;
        double tokens = Math.min(perMinute, before.tokens() + (now - before.at()) * perNano);
        boolean granted = tokens >= 1;
        double left = granted ? tokens - 1 : tokens;
        buckets.put(tenant, new Bucket(left, now));
        return new Grant(
                perMinute,
                (int) left,
                nanos((perMinute - left) / perNano),
                granted ? Duration.ZERO : nanos((1 - left) / perNano));
    }

    private static Duration nanos(double nanos) {
        return Duration.ofNanos(Math.max(1, Math.round(nanos)));
    }
}
