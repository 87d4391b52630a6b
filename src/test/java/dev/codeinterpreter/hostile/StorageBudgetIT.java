package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import jakarta.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that waits for clients, or for the rest of what they send, is bounded in sum: on disk and in a heap of 96 MB. */
@Tag("complete")
@Timeout(value = 150, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StorageBudgetIT {
    private static final int MB = 1 << 20;
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\\r\\ncontent-length: ([0-9]+)\\r\\n");
    private static final int MAX_MB = 40;
    private static final int CLIENTS = 48;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<Socket> sockets = new ArrayList<>();
    private ServiceProcess service;

    @BeforeEach
    void start() {
        service = ServiceProcess.start(Map.of(
                "FILE_STORAGE_MAX_MB",
                Integer.toString(MAX_MB),
                "MAX_CONCURRENT_EXECUTIONS",
                Integer.toString(CLIENTS)));
    }

    @AfterEach
    void stop() throws IOException {
        try (ServiceProcess used = service) {
            for (Socket socket : sockets) {
                socket.close();
            }
            assertThat(used.log()).doesNotContain("OutOfMemoryError", "\tat ");
        }
    }

    @Test
    void boundsBodiesThatDoNotEnd() throws IOException {
        byte[] head =
                "POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 7340032\r\n\r\n"
                        .getBytes(UTF_8);
        byte[] half = ("{\"code\":\"" + "x".repeat(6 * MB)).getBytes(UTF_8);
        for (int i = 0; i < 15; i++) {
            Socket socket = connect();
            try {
                socket.getOutputStream().write(head);
                socket.getOutputStream().write(half);
            } catch (SocketException e) {
                assertThat(e).as("refused while it was sending").isNotNull();
            }
        }
        assertThat(service.namelessBytes()).isBetween(5L * MB, MAX_MB / 4L * MB);
        assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        assertThat(service.api()
                        .tryUpload("x", BodyPublishers.ofByteArray(new byte[20 * MB]))
                        .status())
                .isEqualTo(201);
        Answer refused = service.api().execute(Program.of("1").stdin("x".repeat(8 * MB)));
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.json().getString("detail")).isEqualTo("Request bodies on disk exceed maximum of 10 MB");
        close();
        Await.until("the end of the spools", SOON, () -> service.namelessBytes() == 0);
        assertThat(service.api()
                        .execute(Program.of("1").stdin("x".repeat(4 * MB)))
                        .status())
                .isEqualTo(200);
    }

    /** Jersey keeps what it has looked up for a type. 12,000 of 10 KB each would be 120 MB. */
    @Test
    void forgetsTheTypesThatClientsHaveNamed() throws IOException {
        Socket socket = connect();
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (int i = 0; i < 12_000; i++) {
            String type = "x/%05d%s".formatted(i, "t".repeat(10_000));
            socket.getOutputStream()
                    .write(
                            "POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 1\r\n\r\n1"
                                    .formatted(type)
                                    .getBytes(UTF_8));
            assertThat(head(in)).startsWith("HTTP/1.1 422");
        }
        assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
    }

    /** A megabyte each, of which the web server keeps two copies if it gets it in one piece. */
    @Test
    void servesItsPagesToClientsThatDoNotRead() throws IOException {
        for (int i = 0; i < 60; i++) {
            Socket socket = connect();
            socket.getOutputStream()
                    .write("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
    }

    @Test
    void countsFilesThatAreDeletedWhileTheyAreRead() throws IOException {
        byte[] content = new byte[8 * MB];
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Answer stored = service.api().tryUpload("x", BodyPublishers.ofByteArray(content));
            statuses.add(stored.status());
            if (stored.status() != 201) {
                continue;
            }
            String path = "/v1/files/" + stored.json().getString("file_id");
            Socket reader = connect();
            reader.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .formatted(path)
                            .getBytes(UTF_8));
            assertThat(reader.getInputStream().read()).isEqualTo('H');
            assertThat(service.api().delete(path).status()).isEqualTo(204);
        }
        assertThat(statuses).containsExactly(201, 201, 201, 201, 507, 507);
        assertThat(service.namelessBytes()).isEqualTo(32L * MB);
        close();
        Await.until("the end of the downloads", SOON, () -> service.namelessBytes() == 0);
        assertThat(service.api()
                        .tryUpload("x", BodyPublishers.ofByteArray(content))
                        .status())
                .isEqualTo(201);
    }

    /** In a session, where a run takes milliseconds; what outlives it is the same. */
    @Test
    void boundsStreamsThatNobodyReads() throws IOException {
        String flood = "import sys; sys.stdout.buffer.write('\u20ac'.encode() + bytes(900_000)); sys.stdout.flush()";
        try (Session session = Session.begin(service.api())) {
            for (int i = 0; i < 90; i++) {
                Await.until("the end of a run", SOON, () -> beginsStream(session, flood));
            }
            assertThat(service.namelessBytes()).isLessThan(MAX_MB / 4L * MB + MB);
            Answer next = Await.value(
                    "the end of the last run",
                    SOON,
                    () -> Optional.of(session.tryPython(Program.of("print(1)")))
                            .filter(answer -> answer.status() == 200));
            assertThat(next.result().stdout()).isEqualTo("1\n");
        }
        close();
        Await.until("the end of the streams", SOON, () -> service.namelessBytes() == 0);
    }

    /** A megabyte each at once: of small values, of one string, and of characters that take six in JSON. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'application/json': [0] * 330_000}",
                "{'application/json': 'x' * 990_000}",
                "{'application/json': '\\x01' * 160_000}",
                "{'text/html': '\\x01' * 990_000, 'text/plain': ''}"
            })
    void boundsWhatProgramsShow(String bundle) throws Exception {
        // All of them at the same moment.
        Program program = Program.of(
                        "import time; shown = %s; time.sleep(max(0, %d - time.time())); display(shown, raw=True)"
                                .formatted(bundle, Clock.systemUTC().instant().getEpochSecond() + 15))
                .timeoutMs(60_000);
        List<Callable<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS / 2; i++) {
            clients.add(() -> service.api().execute(program).status());
            clients.add(() -> {
                try (EventReader events = service.api().stream(program)) {
                    return events.readAll().result().exited(0) ? 200 : 0;
                }
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : threads.invokeAll(clients)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        assertThat(service.api().execute(program).json().getJsonArray("results"))
                .hasSize(1);
        assertThat(service.namelessBytes()).isZero();
    }

    @Test
    void listsTenThousandLongNamesToSlowReaders() throws IOException {
        service.kill();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(stored("n".repeat(1000)));
        }
        service = service.successor();
        for (int i = 0; i < 80; i++) {
            Socket reader = connect();
            reader.getOutputStream().write("GET /v1/files HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(reader.getInputStream().read()).isEqualTo('H');
        }
        Set<String> found = new HashSet<>();
        String query = "";
        JsonObject page;
        do {
            Answer answer = service.api().get("/v1/files" + query);
            assertThat(answer.body()).hasSizeLessThan(3 * MB);
            page = answer.json();
            List<String> all = page.getJsonArray("files").getValuesAs(JsonObject.class).stream()
                    .map(file -> file.getString("file_id"))
                    .toList();
            found.addAll(all);
            query = "?after=" + all.getLast();
        } while (page.containsKey("has_more"));
        assertThat(found).isEqualTo(ids);
    }

    /** False while the command before still runs. */
    private boolean beginsStream(Session session, String code) {
        try {
            Socket socket = connect();
            socket.getOutputStream()
                    .write(Api.request(
                            session.path() + "/python/stream",
                            Program.of(code).interactive(false).toJson().toString()));
            InputStream in = socket.getInputStream();
            byte[] status = in.readNBytes("HTTP/1.1 200".length());
            boolean begun = new String(status, UTF_8).endsWith("200");
            if (!begun) {
                sockets.remove(socket);
                socket.close();
            }
            return begun;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What the service finds when it starts. */
    private String stored(String name) throws IOException {
        String id = UUID.randomUUID().toString();
        Path place = Files.createDirectory(service.storage().resolve(id));
        Files.write(place.resolve("content"), new byte[0]);
        Files.writeString(
                place.resolve("meta.json"),
                "{\"name\":\"%s\",\"size\":0,\"upload_time\":\"2100-01-01T00:00:00Z\"}".formatted(name));
        return id;
    }

    /** To a client whose system takes little from the service before it is read. */
    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        sockets.add(service.api().connect(socket));
        return socket;
    }

    private void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /** The head of the next answer, whose body is skipped. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("the connection goes on after " + head).isNotNegative();
            head.append((char) next);
        }
        String text = head.toString();
        Matcher length = CONTENT_LENGTH.matcher(text);
        assertThat(length.find()).as(text).isTrue();
        in.skipNBytes(Long.parseLong(length.group(1)));
        return text;
    }
}
