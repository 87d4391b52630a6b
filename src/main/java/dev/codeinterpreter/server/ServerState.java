package dev.codeinterpreter.server;

import io.helidon.microprofile.server.ServerCdiExtension;
import jakarta.enterprise.inject.spi.CDI;

/** Whether requests are served. Helidon logs that it could not start, and goes on without a server. */
public final class ServerState {
    private ServerState() {}

    /** To be asked once the start is over. */
    public static boolean isRunning() {
        return CDI.current()
                        .getBeanManager()
                        .getExtension(ServerCdiExtension.class)
                        .port()
                > 0;
    }
}
