package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that are as large as a program can make them, whole or refused, and never in the heap. */
@Tag("complete")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LargeAnswersIT {
    private static final int MB = 1 << 20;

    private static final Program FLOOD = Program.of("""
                    import sys
                    sys.stdout.buffer.write(bytes([1]) * (2 << 20))
                    sys.stderr.buffer.write(bytes([2]) * (2 << 20))
                    """).interactive(false).timeoutMs(30_000);

    private static final Program LONG_NAMES = Program.of("""
                    import os
                    for n in range(15):
                        os.mkdir("\\x01" * 250)
                        os.chdir("\\x01" * 250)
                    for n in range(1000):
                        open(f"{n:04}" + "\\x01" * 246, "w").close()
                    """).interactive(false).timeoutMs(30_000);

    private ServiceProcess service;

    @BeforeEach
    void start() {
        service = ServiceProcess.start(Map.of("MAX_OUTPUT_BYTES", Integer.toString(2 * MB)));
    }

    @AfterEach
    void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.log()).doesNotContain("OutOfMemoryError");
        }
    }

    @Test
    void givesManyLargeOutputsAtOnce() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Result>> runs =
                    Collections.nCopies(16, () -> service.api().run(FLOOD));
            for (Future<Result> run : clients.invokeAll(runs)) {
                assertThat(run.get().stdout().length()).isEqualTo(2 * MB);
                assertThat(run.get().stderr()).startsWith("\u0002").hasSize(2 * MB);
            }
        }
    }

    @Test
    void holdsAnswersThatNobodyReads() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                sockets.add(service.api().begin(FLOOD));
            }
            for (Socket socket : sockets) {
                // The first byte says that its run has ended.
                socket.setSoTimeout(60_000);
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
            assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void boundsTheNamesOfFiles() {
        for (int i = 0; i < 20; i++) {
            Answer answer = service.api().execute(LONG_NAMES);
            assertThat(answer.body()).hasSizeBetween(1, 3 * MB / 2);
            Result result = answer.result();
            assertThat(result.files()).hasSizeBetween(1, 100);
            assertThat(result.skipped().values()).isNotEmpty().containsOnly("total_size");
        }
        assertThat(service.api().get("/v1/files").status()).isEqualTo(200);
    }
}
