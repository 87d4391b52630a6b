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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@HelidonTest
@DisableDiscovery
@AddJaxRs
@AddExtension(ConfigCdiExtension.class)
@AddBean(PlaygroundResource.class)
@AddBean(PlaygroundFilter.class)
@AddBean(PlaygroundResourceTest.On.class)
class PlaygroundResourceTest {
    private static final Path SOURCES = Path.of("src/main/resources/dev/codeinterpreter/playground");
    private static final Pattern IMPORT = Pattern.compile("from \"\\./([^\"]+)\"");
    private static final String HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final URI service;

    /** The setting, as it is by default. */
    static final class On {
        @Produces
        PlaygroundConfig config() {
            return new PlaygroundConfig(true);
        }
    }

    @Inject
    PlaygroundResourceTest(WebTarget target) {
        service = target.getUri();
    }

    @Test
    void givesBrowsersThePage() throws Exception {
        HttpResponse<byte[]> response = send("GET", "/", "Accept", HTML);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualToIgnoringCase("text/html;charset=utf-8");
        assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.headers().allValues("Vary")).contains("Accept", "Accept-Encoding");
        assertThat(header(response, "Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self'; ")
                .contains("require-trusted-types-for 'script'", "frame-ancestors 'none'", "connect-src 'self'")
                .doesNotContain("unsafe", "http:", "https:", "*");
        assertThat(new String(response.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("<h1>Code interpreter</h1>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | application/json",
                "GET | */*",
                "GET | text/*",
                "GET | application/json, text/html;q=0",
                "GET | text/html-not",
                "POST | text/html",
                "DELETE | text/html"
            })
    void isNotThereForOthers(String method, String accept) throws Exception {
        assertThat(send(method, "/", "Accept", accept).statusCode()).isEqualTo(404);
    }

    @Test
    void isNotThereForThoseWhoSayNothing() throws Exception {
        assertThat(send("GET", "/").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/playground",
                "/playground/",
                "/playground/index.html",
                "/playground/nothing.js",
                "/playground/../index.html",
                "/playground/..%2fdocs%2fstart.js",
                "/playground/PlaygroundResource.class",
                "/playground/main.js%00",
                "/playground/main.js/x"
            })
    void anyOtherNameIsNotFound(String path) throws Exception {
        assertThat(send("GET", path, "Accept", HTML).statusCode()).isEqualTo(404);
    }

    /** The files that are there, those that are sent and those that the page loads are the same. */
    @Test
    void everythingThatThePageLoadsIsHere() throws Exception {
        TreeSet<String> loaded = new TreeSet<>(List.of("main.js", "style.css"));
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals("index.html")) {
                    HttpResponse<byte[]> response = send("GET", "/playground/" + name);
                    assertThat(response.statusCode()).as(name).isEqualTo(200);
                    assertThat(response.body()).isEqualTo(Files.readAllBytes(file));
                    assertThat(header(response, "Content-Type"))
                            .isEqualToIgnoringCase(
                                    name.endsWith(".css") ? "text/css;charset=utf-8" : "text/javascript;charset=utf-8");
                    IMPORT.matcher(Files.readString(file)).results().forEach(match -> loaded.add(match.group(1)));
                }
            }
        }
        try (Stream<Path> files = Files.list(SOURCES)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("index.html")))
                    .containsExactlyInAnyOrderElementsOf(loaded);
        }
    }

    @Test
    void sendsItCompressedToThoseWhoAsk() throws Exception {
        HttpResponse<byte[]> plain = send("GET", "/playground/codemirror.js", "Accept-Encoding", "gzip;q=0, br");
        HttpResponse<byte[]> packed = send("GET", "/playground/codemirror.js", "Accept-Encoding", "br, gzip");

        assertThat(header(plain, "Content-Encoding")).isEmpty();
        assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(packed.body().length).isLessThan(plain.body().length / 2);
        try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
            assertThat(unpacked.readAllBytes()).isEqualTo(plain.body());
        }
        assertThat(header(packed, "ETag")).isNotEqualTo(header(plain, "ETag"));
        assertThat(send(
                                "GET",
                                "/playground/codemirror.js",
                                "Accept-Encoding",
                                "gzip",
                                "If-None-Match",
                                header(packed, "ETag"))
                        .statusCode())
                .isEqualTo(304);
    }

    /** Modules that people can read, and that name no other server. */
    @Test
    void theSourcesAreSmallAndLeadNowhere() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            assertThat(files.filter(file -> !file.endsWith("codemirror.js"))).allSatisfy(file -> {
                String source = Files.readString(file);
                assertThat(source.lines().count()).isLessThanOrEqualTo(200);
                assertThat(source.replace("http://example.com", "")).doesNotContain("http://", "https://");
                assertThat(source).doesNotContain("eval(", "document.write", "insertAdjacentHTML", "outerHTML");
                if (!file.endsWith("frame.js")) {
                    assertThat(source).doesNotContain("innerHTML", "srcdoc", "DOMParser");
                }
            });
        }
    }

    private HttpResponse<byte[]> send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://%s:%d%s".formatted(service.getHost(), service.getPort(), path)))
                .method(method, BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(10));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
