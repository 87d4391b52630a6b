package dev.codeinterpreter.server;

import dev.codeinterpreter.http1.RequestHead;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;
import jakarta.enterprise.inject.spi.CDI;
import java.time.Duration;
import java.util.Set;

/**
 * Puts a {@link ServedConnection} between each client and Helidon's HTTP/1.1, which has no time limits of its own for a
 * client that stops in the middle, and no bounds for some of what it reads. A service, found by this class's name in the
 * jar.
 */
public final class WatchedHttpProvider implements ServerConnectionSelectorProvider<WatchedHttp> {
    @Override
    public Class<WatchedHttp> protocolConfigType() {
        return WatchedHttp.class;
    }

    @Override
    public String protocolType() {
        return WatchedHttp.TYPE;
    }

    @Override
    public ServerConnectionSelector create(String listener, WatchedHttp config, ProtocolConfigs configs) {
        // A server that was started with chosen beans only has none to share it with.
        StallWatch watch =
                CDI.current().select(StallWatch.class).stream().findFirst().orElseGet(StallWatch::new);
        Duration timeout = config.limits().head();
        Handshakes handshakes = CDI.current().select(Handshakes.class).stream()
                .findFirst()
                .orElseGet(() -> new Handshakes(watch, false, timeout));
        handshakes.setTimeout(timeout);
        return selector(config.limits(), watch, handshakes);
    }

    static ServerConnectionSelector selector(TransferLimits limits, StallWatch watch, Handshakes handshakes) {
        Http1ConnectionSelector http = Http1ConnectionSelector.builder()
                // RequestHead has lower limits, and an answer.
                .config(Http1Config.builder()
                        .maxPrologueLength(2 * RequestHead.MAX_BYTES)
                        .maxHeadersSize(2 * RequestHead.MAX_BYTES)
                        .build())
                .build();
        return new Selector(http, limits, watch, handshakes);
    }

    private record Selector(
            Http1ConnectionSelector http, TransferLimits limits, StallWatch watch, Handshakes handshakes)
            implements ServerConnectionSelector {
        @Override
        public int bytesToIdentifyConnection() {
            return http.bytesToIdentifyConnection();
        }

        @Override
        public Support supports(BufferData data) {
            return http.supports(data);
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return http.supportedApplicationProtocols();
        }

        @Override
        public ServerConnection connection(ConnectionContext context) {
            return new ServedConnection(context, http, limits, watch, handshakes);
        }
    }
}
