package dev.codeinterpreter.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.microprofile.config.ConfigCdiExtension;
import io.helidon.microprofile.testing.AddBean;
import io.helidon.microprofile.testing.AddExtension;
import io.helidon.microprofile.testing.AddJaxRs;
import io.helidon.microprofile.testing.DisableDiscovery;
import io.helidon.microprofile.testing.junit5.HelidonTest;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.ws.rs.client.WebTarget;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HelidonTest
@DisableDiscovery
@AddJaxRs
@AddExtension(ConfigCdiExtension.class)
@AddBean(DocsResource.class)
class DocsResourceTest {
    private static final Pattern NAMED_ADDRESS = Pattern.compile("(?:href|src)=\"([^\"]*)\"");

    /** Sends paths as they are written here, which the JAX-RS client does not. */
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final URI service;

    @Inject
    DocsResourceTest(WebTarget target) {
        service = target.getUri();
    }

    @Test
    void givesTheDocument() throws Exception {
        HttpResponse<String> response = get("/openapi.json");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo("application/json");
        assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
        JsonObject document =
                Json.createReader(new StringReader(response.body())).readObject();
        assertThat(document.getString("openapi")).startsWith("3.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/docs/", "/redoc", "/redoc/"})
    void givesThePageWithoutARedirect(String path) throws Exception {
        HttpResponse<String> response = get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualToIgnoringCase("text/html;charset=utf-8");
        assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(response, "Content-Security-Policy")).startsWith("default-src 'none';");
        assertThat(response.body()).contains("<div id=\"swagger-ui\">");
    }

    @Test
    void everythingThatThePageNamesIsHere() throws Exception {
        List<String> addresses = NAMED_ADDRESS
                .matcher(get("/docs").body())
                .results()
                .map(match -> match.group(1))
                .filter(address -> !address.equals("data:,"))
                .toList();

        assertThat(addresses).hasSizeGreaterThan(3).allSatisfy(address -> {
            assertThat(address).startsWith("/").doesNotStartWith("//");
            assertThat(get(address).statusCode()).as(address).isEqualTo(200);
        });
    }

    @Test
    void thePageReadsTheDocumentAndTellsNobodyAboutIt() throws Exception {
        assertThat(get("/docs/start.js").body())
                .contains("url: \"/openapi.json\"")
                .contains("validatorUrl: null")
                .doesNotContain("http:")
                .doesNotContain("https:");
    }

    @Test
    void givesScriptsAndStylesWithTheirTypes() throws Exception {
        HttpResponse<String> script = get("/docs/swagger-ui-bundle.js");
        HttpResponse<String> style = get("/docs/swagger-ui.css");

        assertThat(header(script, "Content-Type")).isEqualToIgnoringCase("text/javascript;charset=utf-8");
        assertThat(header(script, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(script.body()).contains("SwaggerUIBundle");
        assertThat(header(style, "Content-Type")).isEqualToIgnoringCase("text/css;charset=utf-8");
        assertThat(header(style, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(style.body()).contains(".swagger-ui");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.json", "/docs", "/docs/start.js", "/docs/swagger-ui.css"})
    void whatTheBrowserHasIsNotSentAgain(String path) throws Exception {
        HttpResponse<String> first = get(path);
        assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");

        HttpResponse<String> second = get(path, "If-None-Match", header(first, "ETag"));

        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(header(second, "ETag")).isEqualTo(header(first, "ETag"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/nothing.js",
                "/docs/index.html",
                "/docs/openapi.json",
                "/docs/oauth2-redirect.html",
                "/docs/SWAGGER-UI.CSS",
                "/docs/swagger-ui.css/x",
                "/docs//swagger-ui.css",
                "/docs/..",
                "/docs/../docs/DocsResource.class",
                "/docs/../../../META-INF/beans.xml",
                "/docs/%2e%2e",
                "/docs/%2e%2e%2fDocsResource.class",
                "/docs/..%2f..%2fconfig%2fSettings.class",
                "/docs/..%5cswagger-ui.css",
                "/docs/swagger-ui.css%00",
                "/docs/%2fetc%2fpasswd"
            })
    void anyOtherNameIsNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://%s:%d%s".formatted(service.getHost(), service.getPort(), path)))
                .timeout(Duration.ofSeconds(10));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
