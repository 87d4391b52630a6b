package dev.codeinterpreter.server;

import io.helidon.config.Config;
import io.helidon.webserver.spi.ProtocolConfigProvider;

/** How the web server's settings name {@link WatchedHttp}: as a service, by this class's name in the jar. */
public final class WatchedHttpConfigProvider implements ProtocolConfigProvider<WatchedHttp> {
    @Override
    public String configKey() {
        return WatchedHttp.TYPE;
    }

    @Override
    public WatchedHttp create(Config config, String name) {
        return new WatchedHttp(name);
    }
}
