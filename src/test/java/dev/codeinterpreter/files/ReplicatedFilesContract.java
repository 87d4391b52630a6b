package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two services, each with a heap of 96 MB, whose files are in one place. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
public abstract class ReplicatedFilesContract {
    private static final int FILES = 500;
    private static final int CLIENTS = 6;
    private static final int MAX_BYTES = 100_000;
    /** Of a download from a bucket that is slow. */
    private static final int TRIES = 5;

    private static final int LARGE = 100 << 20;

    /** Files by their numbers: stored for certain, deleted for certain, not stored for certain, and what nobody knows. */
    private final Map<Integer, String> stored = new ConcurrentHashMap<>();

    private final Set<Integer> deleted = ConcurrentHashMap.newKeySet();
    private final Set<Integer> refused = ConcurrentHashMap.newKeySet();
    private final Set<Integer> doubtful = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean killed = new AtomicBoolean();

    /** Of one store, always the same. */
    protected abstract Map<String, String> settings();

    /** What the store takes for files of which the contents have so many bytes. */
    protected abstract long storeBytes(long contentBytes) throws IOException;

    /** A fifth is deleted meanwhile, by the other; the victim is killed in the middle. */
    @Test
    void everyAnswerIsTrueAlthoughOneIsKilled() throws Exception {
        try (ServiceProcess survivor = ServiceProcess.onFake(settings());
                ServiceProcess victim = ServiceProcess.onFake(settings());
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            CountDownLatch half = new CountDownLatch(FILES / 2);
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < FILES; i++) {
                int number = i;
                results.add(clients.submit(() -> {
                    boolean atVictim = number % 2 == 1 && !killed.get();
                    boolean toVictim = number % 2 == 0 && !killed.get();
                    store((atVictim ? victim : survivor).api(), (toVictim ? victim : survivor).api(), number, atVictim);
                    half.countDown();
                }));
            }
            assertThat(half.await(5, TimeUnit.MINUTES)).isTrue();
            killed.set(true);
            victim.kill();
            for (Future<?> result : results) {
                result.get();
            }
            // What was under way there, and what a slow bucket has refused.
            assertThat(doubtful.size() + refused.size()).isLessThan(FILES / 20);
            assertThat(deleted).hasSizeGreaterThan(FILES / 10);
            check(survivor.api());

            try (ServiceProcess successor = victim.successor()) {
                Map<Integer, Integer> listed = check(successor.api());
                long bytes = listed.values().stream().mapToLong(size -> size).sum();
                Await.until(
                        "the sums of what is listed",
                        Duration.ofMinutes(1),
                        () -> gauge(successor, "files_stored") == listed.size());
                assertThat(gauge(successor, "store_bytes")).isEqualTo(storeBytes(bytes));
            }
        }
    }

    /** Up through one, down through the other, and into a sandbox. */
    @Test
    void filesOf100MegabytesNeedNoHeap() throws Exception {
        try (ServiceProcess one = ServiceProcess.onFake(settings());
                ServiceProcess other = ServiceProcess.onFake(settings());
                ExecutorService clients = Executors.newFixedThreadPool(2)) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int seed = i;
                results.add(clients.submit(() -> {
                    String id = (seed == 0 ? one : other)
                            .api()
                            .upload(
                                    "large",
                                    BodyPublishers.fromPublisher(
                                            BodyPublishers.ofInputStream(() -> new Noise(seed, LARGE)), LARGE));
                    assertContent((seed == 0 ? other : one).api(), id, new Noise(seed, LARGE));
                    Answer answer = (seed == 0 ? other : one)
                            .api()
                            .execute(Program.of("1").timeoutMs(60_000).file("large", id));
                    assertThat(answer.result().stdout()).isEqualTo("hi\n");
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    /** As the store is asked for several at a time, the first one that is missing is still the one that is named. */
    @Test
    void stagesManyFilesOfTheOther() {
        try (ServiceProcess one = ServiceProcess.onFake(settings());
                ServiceProcess other = ServiceProcess.onFake(settings())) {
            Program program = Program.of("1").timeoutMs(60_000);
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(one.api().upload("f" + i, "content " + i));
                program = program.file("in/" + i, ids.get(i));
            }
            assertThat(other.api().run(program).stdout()).isEqualTo("hi\n");
            for (int missing : List.of(15, 11)) {
                assertThat(one.api().delete("/v1/files/" + ids.get(missing)).status())
                        .isEqualTo(204);
            }
            Answer answer = other.api().execute(program);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.body()).contains(ids.get(11)).contains("in/11").doesNotContain(ids.get(15));
        }
    }

    private void store(Api api, Api other, int number, boolean atVictim) {
        Answer answer;
        try {
            answer = api.tryUpload("f" + number, BodyPublishers.ofByteArray(content(number)));
        } catch (UncheckedIOException e) {
            assertThat(atVictim && killed.get()).as("no answer to %d", number).isTrue();
            doubtful.add(number);
            return;
        }
        if (answer.status() == 503) {
            // A bucket that is slow: that is true, too.
            refused.add(number);
            return;
        }
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        String id = answer.json().getString("file_id");
        stored.put(number, id);
        try {
            assertContent(other, id, new ByteArrayInputStream(content(number)));
            if (number % 5 == 0) {
                doubtful.add(number);
                Answer deletion = other.delete("/v1/files/" + id);
                assertThat(deletion.status()).as(deletion.toString()).isIn(204, 503);
                if (deletion.status() == 204) {
                    doubtful.remove(number);
                    deleted.add(number);
                    assertThat(api.get("/v1/files/" + id).status()).isIn(404, 503);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            assertThat(killed.get()).as("%d: %s", number, e).isTrue();
        }
    }

    /** Everything is there that has to be, and nothing else, each with its own content; gives the sizes of what is listed. */
    private Map<Integer, Integer> check(Api api) throws IOException {
        Map<Integer, Integer> sizes = new HashMap<>();
        Map<Integer, String> ids = new HashMap<>();
        JsonObject page = api.get("/v1/files?limit=10000").json();
        for (JsonObject file : page.getJsonArray("files").getValuesAs(JsonObject.class)) {
            int number = Integer.parseInt(file.getString("filename").substring(1));
            ids.put(number, file.getString("file_id"));
            sizes.put(number, file.getInt("size_bytes"));
        }
        assertThat(page.containsKey("has_more")).isFalse();
        Set<Integer> certain = new HashSet<>(stored.keySet());
        certain.removeAll(deleted);
        certain.removeAll(doubtful);
        assertThat(ids.keySet()).containsAll(certain);
        Set<Integer> absent = new HashSet<>(deleted);
        absent.addAll(refused);
        assertThat(ids.keySet()).doesNotContainAnyElementsOf(absent);
        for (Map.Entry<Integer, String> file : ids.entrySet()) {
            assertContent(api, file.getValue(), new ByteArrayInputStream(content(file.getKey())));
        }
        for (int number : deleted) {
            assertThat(api.get("/v1/files/" + stored.get(number)).status()).isEqualTo(404);
        }
        return sizes;
    }

    private static void assertContent(Api api, String id, InputStream expected) throws IOException {
        HttpResponse<InputStream> response = api.download(id);
        for (int i = 0; i < TRIES && response.statusCode() == 503; i++) {
            response.body().close();
            response = api.download(id);
        }
        try (InputStream content = response.body();
                expected) {
            assertThat(response.statusCode()).isEqualTo(200);
            byte[] buffer = new byte[65_536];
            for (int count = content.readNBytes(buffer, 0, buffer.length);
                    count > 0;
                    count = content.readNBytes(buffer, 0, buffer.length)) {
                assertThat(Arrays.copyOf(buffer, count)).isEqualTo(expected.readNBytes(count));
            }
            assertThat(expected.read()).isNegative();
        }
    }

    private static long gauge(ServiceProcess service, String name) {
        Matcher gauge = Pattern.compile("(?m)^code_interpreter_%s(?:\\{[^}]*})? ([0-9.E]+)".formatted(name))
                .matcher(service.api().get("/metrics").body());
        return gauge.find() ? (long) Double.parseDouble(gauge.group(1)) : -1;
    }

    private static byte[] content(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[random.nextInt(MAX_BYTES)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Bytes that are the same for the same seed, and no two blocks of them. */
    private static final class Noise extends InputStream {
        private final int seed;
        private final int length;
        private int position;

        Noise(int seed, int length) {
            this.seed = seed;
            this.length = length;
        }

        @Override
        public int read() {
            return position < length ? next() & 0xFF : -1;
        }

        @Override
        public int read(byte[] target, int offset, int count) {
            int most = Math.min(count, length - position);
            for (int i = 0; i < most; i++) {
                target[offset + i] = next();
            }
            return most == 0 && count > 0 ? -1 : most;
        }

        private byte next() {
            int number = (position++ + seed) * 0x9E3779B1;
            return (byte) (number >>> 24);
        }
    }
}
