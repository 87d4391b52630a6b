package dev.codeinterpreter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hundreds of megabytes in both directions through a heap of 96 MB, whole and unchanged. */
@Tag("complete")
@Timeout(120)
class LargeBodiesIT {
    private static final int MB = 1 << 20;
    /** A JVM with this heap, its code and its buffers, and nothing that grows with a body. */
    private static final long MAX_RESIDENT = 420L * MB;

    private static final byte[] BLOCK = new byte[MB];

    static {
        new Random(1).nextBytes(BLOCK);
    }

    private ServiceProcess service;

    @BeforeEach
    void start() {
        service = ServiceProcess.start(Map.of(
                "MAX_FILE_SIZE_MB", "300",
                "MAX_REQUEST_MB", "300",
                "CPU_TIME_LIMIT_SEC", "60",
                "MAX_EXEC_TIMEOUT_MS", "120000"));
    }

    @AfterEach
    void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.residentBytes()).isLessThan(MAX_RESIDENT);
            assertThat(used.log()).doesNotContain("OutOfMemoryError", "\tat ");
        }
    }

    @Test
    void carriesAHundredMegabytesOfInput() {
        String line = "0123456789 \u20ac \\\"quoted\\\" ".repeat(1000) + "\\n";
        String sent = line.replace("\\\"", "\"").replace("\\n", "\n");
        int lines = 100 * MB / sent.getBytes(UTF_8).length + 1;
        String head = "{\"timeout_ms\":100000,\"code\":\"import hashlib, sys\\nd = sys.stdin.buffer.read()\\n"
                + "print(len(d), hashlib.sha256(d).hexdigest())\",\"stdin\":\"";
        Answer answer = service.api()
                .send(
                        "POST",
                        "/v1/execute",
                        Map.of("Content-Type", "application/json"),
                        BodyPublishers.concat(
                                BodyPublishers.ofString(head),
                                repeated(line.getBytes(UTF_8), lines),
                                BodyPublishers.ofString("\"}")));
        assertThat(answer.result().stdout())
                .isEqualTo("%d %s\n"
                        .formatted((long) sent.getBytes(UTF_8).length * lines, digest(sent.getBytes(UTF_8), lines)));
    }

    @Test
    void stagesAndReturnsAHundredMegabytes() throws IOException {
        String input = service.api().upload("input", repeated(BLOCK, 100));
        Result result = service.api()
                .run(Program.of("""
                        import hashlib
                        data = open('input', 'rb').read()
                        print(hashlib.sha256(data).hexdigest())
                        with open('output', 'wb') as output:
                            output.write(data[1:] + data[:1])
                        """).file("input", input).interactive(false).timeoutMs(100_000));
        assertThat(result.stdout()).as(result.toString()).isEqualTo(digest(BLOCK, 100) + "\n");
        byte[] turned = new byte[MB];
        System.arraycopy(BLOCK, 1, turned, 0, MB - 1);
        turned[MB - 1] = BLOCK[0];
        assertThat(downloaded(service.api(), result.file("output"))).isEqualTo(digest(turned, 100));
    }

    @Test
    void downloadsThreeHundredMegabytesToFourClientsAtOnce() throws Exception {
        String id = service.api().upload("big", repeated(BLOCK, 300));
        String digest = digest(BLOCK, 300);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> downloads = Collections.nCopies(4, () -> downloaded(service.api(), id));
            for (Future<String> download : clients.invokeAll(downloads)) {
                assertThat(download.get()).isEqualTo(digest);
            }
        }
    }

    @Test
    void takesFourUploadsAtOnce() throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> uploads =
                    Collections.nCopies(4, () -> service.api().upload("part", repeated(BLOCK, 60)));
            for (Future<String> upload : clients.invokeAll(uploads)) {
                assertThat(service.stored()).containsEntry(upload.get() + "/content", 60L * MB);
            }
        }
    }

    @Test
    void refusesABodyWithoutEndWhileItArrives() {
        Answer answer = service.api()
                .send(
                        "POST",
                        "/v1/execute",
                        Map.of("Content-Type", "application/json"),
                        BodyPublishers.concat(BodyPublishers.ofString("{\"code\":\""), repeated(new byte[MB], 10)));
        assertThat(answer.status()).as("zero bytes are control characters").isEqualTo(422);
        byte[] letters = "a".repeat(MB).getBytes(UTF_8);
        Answer tooLong = service.api()
                .send(
                        "POST",
                        "/v1/execute",
                        Map.of("Content-Type", "application/json"),
                        BodyPublishers.concat(BodyPublishers.ofString("{\"code\":\""), repeated(letters, 310)));
        assertThat(tooLong.status()).isEqualTo(413);
        assertThat(tooLong.body())
                .isEqualTo("{\"detail\":\"Request body exceeds maximum of 300 MB\",\"code\":\"too_large\"}");
    }

    private static String downloaded(Api api, String id) throws IOException {
        HttpResponse<InputStream> response = api.download(id);
        try (InputStream body = response.body();
                DigestOutputStream digest = digest()) {
            body.transferTo(digest);
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        }
    }

    /** A body without a length, sent in chunks. */
    private static BodyPublisher repeated(byte[] block, int times) {
        return BodyPublishers.ofInputStream(
                () -> new SequenceInputStream(Collections.enumeration(IntStream.range(0, times)
                        .mapToObj(_ -> new ByteArrayInputStream(block))
                        .toList())));
    }

    private static String digest(byte[] block, int times) {
        DigestOutputStream digest = digest();
        for (int i = 0; i < times; i++) {
            digest.getMessageDigest().update(block);
        }
        return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    }

    private static DigestOutputStream digest() {
        try {
            return new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
