package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ErrorConfig;
import dev.codeinterpreter.error.ErrorMapper;
import dev.codeinterpreter.files.local.LocalFilesFactory;
import dev.codeinterpreter.harness.EveryoneIsDefault;
import dev.codeinterpreter.server.MethodFilter;
import dev.codeinterpreter.server.UnreadBodyFilter;
import dev.codeinterpreter.storage.StorageBudget;
import dev.codeinterpreter.usage.Usage;
import io.helidon.microprofile.testing.AddBean;
import io.helidon.microprofile.testing.AddConfig;
import io.helidon.microprofile.testing.AddJaxRs;
import io.helidon.microprofile.testing.DisableDiscovery;
import io.helidon.microprofile.testing.junit5.HelidonTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.ws.rs.client.WebTarget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files' side of the contract over HTTP. */
@HelidonTest
@DisableDiscovery
@AddJaxRs
@AddBean(FilesResource.class)
@AddBean(FileStore.class)
@AddBean(LocalFilesFactory.class)
@AddBean(FileReaper.class)
@AddBean(ErrorMapper.class)
@AddBean(MethodFilter.class)
@AddBean(UnreadBodyFilter.class)
@AddBean(FilesResourceTest.Environment.class)
@AddBean(EveryoneIsDefault.class)
@AddBean(Usage.class)
@AddConfig(key = "server.use-nio", value = "false")
@AddConfig(key = "server.features.static-content.weight", value = "120")
class FilesResourceTest {
    private static final int MB = 1 << 20;
    /** Far beyond what any buffer between client and disk holds. */
    private static final int MAX_MB = 32;

    private static final String FORM = "multipart/form-data; boundary=xx";
    private static final String START =
            "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n";
    private static final String END = "\r\n--xx--\r\n";

    private final URI base;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Inject
    FilesResourceTest(WebTarget target) {
        this.base = target.getUri();
    }

    @AfterAll
    static void nothingUnfinishedIsLeft() {
        assertThat(Environment.DIRECTORY.resolve("incoming")).isEmptyDirectory();
    }

    @Test
    void storesListsServesAndDeletes() throws Exception {
        HttpResponse<String> upload = upload("报告.csv", "a,b\n");
        assertThat(upload.statusCode()).isEqualTo(201);
        JsonObject file = json(upload);
        String id = file.getString("file_id");
        assertThat(file).isEqualTo(json("{\"file_id\":\"%s\",\"filename\":\"报告.csv\",\"size_bytes\":4}".formatted(id)));

        assertThat(get("/v1/files").body())
                .contains("{\"file_id\":\"%s\",\"filename\":\"报告.csv\",\"size_bytes\":4,\"upload_time\":1767323045.678}"
                        .formatted(id));

        HttpResponse<String> download = get("/v1/files/" + id.toUpperCase(Locale.ROOT));
        assertThat(download.statusCode()).isEqualTo(200);
        assertThat(download.body()).isEqualTo("a,b\n");
        assertThat(header(download, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(download, "Content-Length")).isEqualTo("4");
        assertThat(header(download, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(download, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"__.csv\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.csv");

        HttpResponse<String> deletion = send("DELETE", "/v1/files/" + id);
        assertThat(deletion.statusCode()).isEqualTo(204);
        assertThat(deletion.body()).isEmpty();
        assertError(send("DELETE", "/v1/files/" + id), 404, "File with ID '%s' not found".formatted(id));
        assertError(get("/v1/files/" + id), 404, "File with ID '%s' not found".formatted(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%00", "a;b=c", "%20"})
    void knowsNoFileByAnotherName(String name) throws Exception {
        HttpResponse<String> response = get("/v1/files/" + name);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).getString("detail")).startsWith("File with ID '");
    }

    @Test
    void listsInPages() throws Exception {
        String older = json(upload("older", "1")).getString("file_id");
        String newer = json(upload("newer", "2")).getString("file_id");

        JsonObject all = json(get("/v1/files"));
        JsonObject first = json(get("/v1/files?limit=1"));
        String firstId = first.getJsonArray("files").getJsonObject(0).getString("file_id");
        JsonObject rest = json(get("/v1/files?after=" + firstId));

        assertThat(all.toString()).contains(older, newer);
        assertThat(rest.getJsonArray("files")).hasSize(all.getJsonArray("files").size() - 1);
        assertError(get("/v1/files?after=zz"), 404, "File with ID 'zz' not found");
    }

    @Test
    void refusesABadLimit() throws Exception {
        assertThat(get("/v1/files?limit=x").body())
                .isEqualTo(
                        "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input should"
                                + " be a valid integer, unable to parse string as an integer\",\"input\":\"x\"}],\"code\":\"invalid_request\"}");
        assertThat(get("/v1/files?limit=0").statusCode()).isEqualTo(422);
        assertThat(get("/v1/files?limit=10001").statusCode()).isEqualTo(422);
    }

    @Test
    void saysThatTheFileIsMissing() throws Exception {
        HttpResponse<String> response = post("text/plain", BodyPublishers.ofString("x"));

        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body())
                .isEqualTo("{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"file\"],\"msg\":\"Field required\","
                        + "\"input\":null}],\"code\":\"invalid_request\"}");
    }

    @Test
    void saysThatTheFormIsMalformed() throws Exception {
        assertError(post(FORM, BodyPublishers.ofString("--xx\r\nhello")), 400, "There was an error parsing the body");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE", "OPTIONS"})
    void knowsItsMethods(String method) throws Exception {
        HttpResponse<String> response = send(method, "/v1/files");

        assertError(response, 405, "Method Not Allowed");
        assertThat(header(response, "Allow")).isEqualTo("GET, HEAD, POST");
    }

    @Test
    void answersInJsonWhateverTheClientAccepts() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/files/zz"))
                .header("Accept", "text/html")
                .build();

        assertError(client.send(request, BodyHandlers.ofString()), 404, "File with ID 'zz' not found");
    }

    @Test
    void answersAClientThatIsStillSendingTooMuch() throws Exception {
        String detail = "File size exceeds maximum of %d MB".formatted(MAX_MB);
        assertError(post(FORM, zeros(MAX_MB + 10, true)), 413, detail);
        assertError(post(FORM, zeros(MAX_MB + 10, false)), 413, detail);
    }

    @Test
    void carriesALargeFileUnchanged() throws Exception {
        byte[] block = new byte[MB];
        new Random(1).nextBytes(block);
        MessageDigest sent = sha256();
        for (int i = 0; i < MAX_MB; i++) {
            sent.update(block);
        }

        HttpResponse<String> upload = post(FORM, form(Collections.nCopies(MAX_MB, block)));
        String id = json(upload).getString("file_id");
        HttpResponse<InputStream> download = client.send(
                HttpRequest.newBuilder(base.resolve("/v1/files/" + id)).build(), BodyHandlers.ofInputStream());
        MessageDigest received = sha256();
        try (DigestInputStream in = new DigestInputStream(download.body(), received)) {
            assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo((long) MAX_MB * MB);
        }

        assertThat(HexFormat.of().formatHex(received.digest()))
                .isEqualTo(HexFormat.of().formatHex(sent.digest()));
        assertThat(send("DELETE", "/v1/files/" + id).statusCode()).isEqualTo(204);
    }

    private HttpResponse<String> upload(String name, String content) throws Exception {
        return post(FORM, BodyPublishers.ofString(START.formatted(name) + content + END));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send("GET", path);
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base.resolve("/") + path.substring(1)))
                .method(method, BodyPublishers.noBody())
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String contentType, BodyPublisher body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/files"))
                .header("Content-Type", contentType)
                .POST(body)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    /** A form with a file of zeros. */
    private static BodyPublisher zeros(int megabytes, boolean announced) {
        BodyPublisher chunked = form(Collections.nCopies(megabytes, new byte[MB]));
        long length = START.formatted("big").length() + (long) megabytes * MB + END.length();
        return announced ? BodyPublishers.fromPublisher(chunked, length) : chunked;
    }

    private static BodyPublisher form(List<byte[]> blocks) {
        return BodyPublishers.ofInputStream(() -> new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(START.formatted("big").getBytes(StandardCharsets.UTF_8)),
                new SequenceInputStream(Collections.enumeration(
                        blocks.stream().map(ByteArrayInputStream::new).toList())),
                new ByteArrayInputStream(END.getBytes(StandardCharsets.UTF_8))))));
    }

    private static void assertError(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "Content-Type")).isEqualTo("application/json");
        assertThat(json(response).getString("detail")).isEqualTo(detail);
        assertThat(json(response).getString("code"))
                .isEqualTo(
                        status == 400
                                ? "malformed_body"
                                : ErrorCode.ofStatus(status).label());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static JsonObject json(HttpResponse<String> response) {
        return json(response.body());
    }

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }

    private static MessageDigest sha256() throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256");
    }

    /** What the resource gets from the rest of the service. */
    @ApplicationScoped
    static class Environment {
        static final Path DIRECTORY = directory();

        @Produces
        @Singleton
        FilesConfig filesConfig() {
            return new FilesConfig(DIRECTORY, (long) MAX_MB * MB, Duration.ofHours(1), 1000L * MB);
        }

        @Produces
        @Singleton
        StorageBudget storageBudget(FilesConfig config) {
            return new StorageBudget(config.maxStorageBytes());
        }

        @Produces
        @Singleton
        FileStoreListener listener() {
            return FileStoreListener.NONE;
        }

        @Produces
        @Singleton
        ErrorConfig errorConfig() {
            return ErrorConfig.from(new Settings(name -> Optional.empty()));
        }

        @Produces
        @ApplicationScoped
        Clock clock() {
            return new MovableClock();
        }

        private static Path directory() {
            try {
                return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "files")
                        .resolve(UUID.randomUUID().toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
