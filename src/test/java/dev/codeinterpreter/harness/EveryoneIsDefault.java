package dev.codeinterpreter.harness;

import dev.codeinterpreter.tenant.Caller;
import io.helidon.microprofile.server.ServerCdiExtension;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;

/** In a test that starts some of the resources and not the filters before them: requests are the default tenant's. */
@Singleton
public final class EveryoneIsDefault {
    void addFilter(@Observes @Initialized(ApplicationScoped.class) @Priority(1) Object event, BeanManager beans) {
        beans.getExtension(ServerCdiExtension.class)
                .serverRoutingBuilder()
                .addFilter((chain, request, response) -> Caller.DEFAULT.run(chain::proceed));
    }
}
