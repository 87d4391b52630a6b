package dev.codeinterpreter.server;

import io.helidon.config.Config;
import io.helidon.webserver.spi.ProtocolConfigProvider;
import java.time.Duration;

/**
 * How the web server's settings name {@link WatchedHttp}: as a service, by this class's name in the jar. The durations are
 * settings of the web server so that tests need not wait for them.
 */
public final class WatchedHttpConfigProvider implements ProtocolConfigProvider<WatchedHttp> {
    @Override
    public String configKey() {
        return WatchedHttp.TYPE;
    }

    @Override
    public WatchedHttp create(Config config, String name) {
        TransferLimits usual =
                TransferLimits.of(config.get("min-bytes-per-second").asLong().orElse(0L));
        return new WatchedHttp(
                name,
                new TransferLimits(
                        duration(config, "head-timeout", usual.head()),
                        duration(config, "read-timeout", usual.read()),
                        duration(config, "write-timeout", usual.write()),
                        usual.minBytesPerSecond(),
                        duration(config, "rate-window", usual.rateWindow()),
                        usual.linger(),
                        usual.presence()));
    }

    private static Duration duration(Config config, String key, Duration usual) {
        return config.get(key).as(Duration.class).orElse(usual);
    }
}
