package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.s3.S3MockServer;
import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas with one store: each serves the other's files, and what was stored outlives the one that took it. */
@Timeout(300)
class ReplicatedFilesIT {
    private static final int FILES = 500;
    private static final int CLIENTS = 6;
    private static final int MB = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void losesNothingInASharedDirectory() throws Exception {
        losesNothing(shared("one"), shared("other"));
    }

    @Test
    @Tag("complete")
    void losesNothingInABucket() throws Exception {
        Map<String, String> settings = bucket(S3MockServer.shared().toString());
        losesNothing(settings, settings);
    }

    /** With a heap of 96 MB. */
    @Test
    @Tag("complete")
    void takesAndGivesLargeFiles() throws IOException {
        try (ServiceProcess service =
                ServiceProcess.start(bucket(S3MockServer.shared().toString()))) {
            Api api = service.api();
            String id = api.upload("large", BodyPublishers.ofByteArray(new byte[100 * MB]));
            assertThat(length(api.download(id))).isEqualTo(100L * MB);
            Result result = api.run(Program.of("import os; n = os.path.getsize('in'); os.rename('in', 'out'); print(n)")
                    .file("in", id));
            assertThat(result.stdout()).isEqualTo(100 * MB + "\n");
            assertThat(length(api.download(result.file("out")))).isEqualTo(100L * MB);
        }
    }

    /** Nothing listens there. */
    @Test
    void runsProgramsWhileTheBucketIsDown() {
        try (ServiceProcess service = ServiceProcess.start(bucket("http://127.0.0.1:1"))) {
            Api api = service.api();
            assertUnavailable(api.tryUpload("a", BodyPublishers.ofString("a")));
            assertUnavailable(api.get("/v1/files"));
            assertUnavailable(api.get("/v1/files/" + UUID.randomUUID()));
            assertUnavailable(api.delete("/v1/files/" + UUID.randomUUID()));
            assertUnavailable(
                    api.execute(Program.of("1").file("in", UUID.randomUUID().toString())));
            Result result = api.run("open('out', 'w').write('x'); open('out2', 'w').write('x'); print('done')");
            assertThat(result.stdout()).isEqualTo("done\n");
            assertThat(result.files()).isEmpty();
            assertThat(result.skipped())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("out", "storage_unavailable", "out2", "storage_unavailable"));
        }
    }

    private static void assertUnavailable(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isPresent();
        assertThat(answer.detail()).startsWith("The file store is unavailable.");
    }

    private static void losesNothing(Map<String, String> settings, Map<String, String> otherSettings) throws Exception {
        Map<String, String> kept = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        try (ServiceProcess survivor = ServiceProcess.start(settings);
                ServiceProcess victim = ServiceProcess.start(otherSettings);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            assertThat(staged(survivor.api(), victim.api().upload("a", "first")))
                    .isEqualTo("first\n");
            List<Future<?>> work = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                boolean atSurvivor = client % 2 == 0;
                work.add(clients.submit(() -> {
                    for (int i = next.getAndIncrement(); i < FILES; i = next.getAndIncrement()) {
                        if (i == FILES / 2) {
                            victim.kill();
                        }
                        store(i, survivor.api(), atSurvivor ? survivor.api() : victim.api(), kept);
                    }
                    return null;
                }));
            }
            for (Future<?> each : work) {
                each.get();
            }
            Api api = survivor.api();
            assertThat(kept).hasSizeGreaterThan(FILES / 3);
            kept.forEach((id, content) -> assertThat(api.content(id)).isEqualTo(content));
            Map<String, JsonObject> listed =
                    api.get("/v1/files").json().getJsonArray("files").getValuesAs(JsonObject.class).stream()
                            .collect(Collectors.toMap(file -> file.getString("file_id"), file -> file));
            assertThat(listed.keySet()).containsAll(kept.keySet());
            listed.forEach((id, file) -> assertThat(api.content(id).length()).isEqualTo(file.getInt("size_bytes")));
            String any = kept.keySet().iterator().next();
            assertThat(staged(api, any)).isEqualTo(kept.get(any) + "\n");
        }
    }

    /** One that a client was told of is remembered, and every fifth is deleted by way of the survivor. */
    private static void store(int number, Api survivor, Api replica, Map<String, String> kept) {
        String content = "content of " + number + ", ".repeat(number % 50);
        Answer answer;
        try {
            answer = replica.tryUpload("file " + number, BodyPublishers.ofString(content));
        } catch (RuntimeException | AssertionError e) {
            // The replica was killed.
            return;
        }
        assertThat(answer.status()).isEqualTo(201);
        String id = answer.json().getString("file_id");
        assertThat(survivor.content(id)).isEqualTo(content);
        if (number % 5 == 0) {
            assertThat(survivor.delete("/v1/files/" + id).status()).isEqualTo(204);
            assertThat(survivor.get("/v1/files/" + id).status()).isEqualTo(404);
        } else {
            kept.put(id, content);
        }
    }

    private static String staged(Api api, String id) {
        return api.run(Program.of("print(open('in').read())").file("in", id)).stdout();
    }

    private Map<String, String> shared(String replica) {
        return Map.of(
                "FILE_STORAGE", "shared",
                "FILE_STORAGE_DIR", directory.resolve("store").toString(),
                "FILE_SPOOL_DIR", directory.resolve(replica).toString());
    }

    private static Map<String, String> bucket(String endpoint) {
        Map<String, String> settings = new HashMap<>();
        settings.put("FILE_STORAGE", "s3");
        settings.put("FILE_S3_BUCKET", S3MockServer.BUCKET);
        settings.put("FILE_S3_PREFIX", "it/" + UUID.randomUUID());
        settings.put("FILE_S3_ENDPOINT", endpoint);
        settings.put("FILE_S3_PATH_STYLE", "true");
        settings.put("AWS_ACCESS_KEY_ID", "key");
        settings.put("AWS_SECRET_ACCESS_KEY", "secret");
        return settings;
    }

    private static long length(HttpResponse<InputStream> download) throws IOException {
        assertThat(download.statusCode()).isEqualTo(200);
        try (InputStream body = download.body()) {
            return body.transferTo(OutputStream.nullOutputStream());
        }
    }
}
