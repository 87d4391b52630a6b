package dev.codeinterpreter.server;

import io.helidon.microprofile.server.ServerCdiExtension;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;

/** Adds to the web server what JAX-RS cannot reach, before it starts. */
@ApplicationScoped
class ServerSetup {
    void addFilters(@Observes @Initialized(ApplicationScoped.class) @Priority(1) Object event, BeanManager beans) {
        beans.getExtension(ServerCdiExtension.class).serverRoutingBuilder().addFilter(new ConnectionFilter());
    }
}
