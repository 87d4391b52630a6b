package dev.codeinterpreter.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service is killed, stopped, and asked for more than it can do; files meet the end of their time. */
@Tag("alone")
@Timeout(180)
class ServiceFaultsIT {
    private static final Duration LAUNCH = Duration.ofSeconds(30);
    private static final Duration CLEANING = Duration.ofSeconds(20);
    private static final int FLIGHT = 6;

    @Test
    @Tag("quick")
    void leavesNothingWhenItIsKilledWithManyRunsInFlight() throws IOException {
        try (ServiceProcess killed = ServiceProcess.start(Map.of())) {
            Session session = Session.begin(killed.api());
            List<Socket> clients = beginSleepers(killed);
            killed.kill();
            for (Socket client : clients) {
                assertThat(end(client)).as("an answer").isEmpty();
            }
            // The session is what is left.
            Await.until(
                    "the end of all runs",
                    CLEANING,
                    () -> killed.engine().sandboxes().size() == 1);
            try (ServiceProcess next = killed.successor()) {
                Session same = session.through(next.api());
                assertThat(same.bash("echo on").stdout()).isEqualTo("on\n");
                assertThat(same.end().status()).isEqualTo(204);
                assertThat(next.api().get("/v1/files").body()).isEqualTo("{\"files\":[]}");
                next.engine().awaitNone(CLEANING);
                assertThat(next.engine().launches()).as("nothing is run again").isEqualTo(FLIGHT + 1);
            }
        }
    }

    @Test
    void answersRunsThatOutlastItsGraceWhenItIsStopped() throws IOException {
        try (ServiceProcess service = ServiceProcess.start(Map.of("SHUTDOWN_GRACE_SEC", "3"))) {
            List<Socket> clients = beginSleepers(service);
            service.beginStop();
            for (Socket client : clients) {
                String answer = end(client);
                assertThat(answer).matches("(?s)(HTTP/1.1 503 .*)?");
            }
            assertThat(service.awaitEnd(Duration.ofSeconds(40))).isZero();
            service.engine().awaitNone(CLEANING);
            assertThat(service.engine().launches()).isEqualTo(FLIGHT);
        }
    }

    /** Whatever is listed after a kill at any time has its whole content. */
    @Test
    void keepsNoHalfFileWhenItIsKilledInTheMiddleOfUploads() throws InterruptedException {
        Random random = new Random(5);
        ServiceProcess service = ServiceProcess.start(Map.of());
        try {
            for (int round = 0; round < 5; round++) {
                ServiceProcess current = service;
                try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < 4; i++) {
                        String name = Integer.toString(round * 4 + i);
                        Object _ = clients.submit(() -> {
                            while (true) {
                                Object _ = current.api().upload(name, name.repeat(200_000));
                            }
                        });
                    }
                    Thread.sleep(200 + random.nextInt(400)); // At any time, that is the point.
                    current.kill();
                }
                service = current.successor();
                for (JsonObject file : service.api()
                        .get("/v1/files")
                        .json()
                        .getJsonArray("files")
                        .getValuesAs(JsonObject.class)) {
                    String name = file.getString("filename");
                    String content = service.api().content(file.getString("file_id"));
                    assertThat(content.equals(name.repeat(200_000)))
                            .as(file.toString())
                            .isTrue();
                    assertThat(file.getInt("size_bytes")).isEqualTo(content.length());
                }
                assertThat(service.stored().keySet()).noneMatch(path -> path.startsWith("incoming/"));
            }
        } finally {
            service.close();
        }
    }

    /** One that is read more slowly than its file lives comes whole, all the same. */
    @Test
    void finishesADownloadWhoseFileExpires() throws IOException {
        try (ServiceProcess service = ServiceProcess.start(Map.of("FILE_TTL_SEC", "2"))) {
            byte[] content = new byte[8 << 20];
            new Random(6).nextBytes(content);
            String id = service.api().upload("large", BodyPublishers.ofByteArray(content));
            HttpResponse<InputStream> download = service.api().download(id);
            try (InputStream in = download.body()) {
                byte[] first = in.readNBytes(1000);
                Await.until(
                        "the end of a file",
                        LAUNCH,
                        () -> service.api().get("/v1/files/" + id).status() == 404);
                byte[] rest = in.readAllBytes();
                assertThat(first.length + rest.length).isEqualTo(content.length);
                assertThat(rest).endsWith(content[content.length - 2], content[content.length - 1]);
            }
            Await.until(
                    "a store without it",
                    LAUNCH,
                    () -> service.stored().keySet().stream().noneMatch(path -> path.contains(id)));
        }
    }

    @Test
    void stagesAFileThatExpiresOrSaysThatItIsGone() {
        try (ServiceProcess service = ServiceProcess.start(Map.of("FILE_TTL_SEC", "1"))) {
            String content = "y".repeat(3 << 20);
            for (int i = 0; i < 6; i++) {
                String id = service.api().upload("in", content);
                long wait = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700 + 100L * i);
                Await.until("a moment near its end", LAUNCH, () -> System.nanoTime() > wait);
                Answer answer = service.api()
                        .execute(Program.of("print(len(open('in').read()))").file("in", id));
                if (answer.status() == 200) {
                    assertThat(answer.result().stdout()).isEqualTo(content.length() + "\n");
                } else {
                    assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
                }
            }
        }
    }

    @Test
    void givesEveryOneOfFiveHundredAnAnswer() throws InterruptedException, ExecutionException {
        try (ServiceProcess service = ServiceProcess.start(Map.of(
                        "WARM_POOL_SIZE",
                        "4",
                        "PRELOAD_MODULES",
                        "none",
                        "MAX_CONCURRENT_EXECUTIONS",
                        "4",
                        "EXECUTION_QUEUE_TIMEOUT_SEC",
                        "4"));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            service.awaitIdle(4);
            long before = service.engine().launches();
            List<Callable<Integer>> requests = IntStream.range(0, 500)
                    .<Callable<Integer>>mapToObj(number -> () -> ask(service.api(), number))
                    .toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> status : clients.invokeAll(requests)) {
                statuses.add(status.get());
            }
            assertThat(statuses).hasSize(500).containsOnly(200, 429).contains(200);
            long ran = statuses.stream().filter(status -> status == 200).count();
            assertThat(service.engine().launches() - before)
                    .as("a sandbox for each that ran, and the pool")
                    .isBetween(ran - 4, ran + 8);
            for (int i = 0; i < 20; i++) {
                assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
            }
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    private static int ask(Api api, int number) {
        Answer answer = api.execute(Program.of("print(%d)".formatted(number)));
        if (answer.status() == 200) {
            Result result = answer.result();
            assertThat(result.stdout()).isEqualTo(number + "\n");
            assertThat(result.exited(0)).isTrue();
        } else {
            assertThat(answer.header("retry-after")).contains("2");
        }
        return answer.status();
    }

    private static List<Socket> beginSleepers(ServiceProcess service) throws IOException {
        int others = service.engine().sandboxes().size();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < FLIGHT; i++) {
            clients.add(service.api()
                    .begin(Program.of("import time; time.sleep(50); print('slept')")
                            .timeoutMs(60_000)));
        }
        Await.until(
                "all in flight",
                LAUNCH,
                () -> service.engine().sandboxes().size() == others + FLIGHT
                        && service.engine().sandboxes().stream().allMatch(service.engine()::isRunning));
        return clients;
    }

    /** What comes until the service hangs up, one way or the other. */
    private static String end(Socket client) throws IOException {
        try (client) {
            client.setSoTimeout(60_000);
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        } catch (SocketException reset) {
            return "";
        }
    }
}
