package dev.codeinterpreter.server;

import io.helidon.webserver.spi.ProtocolConfig;

/** The one protocol that the server speaks: HTTP/1.1 over a {@link ServedConnection}. */
record WatchedHttp(String name, TransferLimits limits) implements ProtocolConfig {
    static final String TYPE = "watched_http";

    @Override
    public String type() {
        return TYPE;
    }
}
