package dev.codeinterpreter.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.microprofile.config.ConfigCdiExtension;
import io.helidon.microprofile.testing.AddBean;
import io.helidon.microprofile.testing.AddExtension;
import io.helidon.microprofile.testing.AddJaxRs;
import io.helidon.microprofile.testing.DisableDiscovery;
import io.helidon.microprofile.testing.junit5.HelidonTest;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.ws.rs.client.WebTarget;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HelidonTest
@DisableDiscovery
@AddJaxRs
@AddExtension(ConfigCdiExtension.class)
@AddBean(PlaygroundResource.class)
@AddBean(PlaygroundFilter.class)
@AddBean(PlaygroundOffTest.Off.class)
class PlaygroundOffTest {
    private final WebTarget target;

    /** PLAYGROUND_ENABLED=false. */
    static final class Off {
        @Produces
        PlaygroundConfig config() {
            return new PlaygroundConfig(false);
        }
    }

    @Inject
    PlaygroundOffTest(WebTarget target) {
        this.target = target;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/playground", "/playground/main.js", "/playground/codemirror.js"})
    void hasNoPage(String path) {
        for (String method : new String[] {"GET", "DELETE"}) {
            try (Response response = target.path(path).request("text/html").method(method)) {
                assertThat(response.getStatus()).as(method).isEqualTo(404);
            }
        }
    }
}
