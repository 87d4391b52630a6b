package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that cannot be written to their end, here because somebody has been at the stored files. */
@Timeout(60)
class BrokenAnswersIT {
    private static final int MB = 1 << 20;

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
    }

    /** A directory can be opened, and not read. */
    @Test
    void tellsOfAnAnswerThatFailsBeforeItsFirstByte() throws IOException {
        String id = service.api().upload("file", "content");
        Path content = service.storage().resolve(id).resolve("content");
        Files.delete(content);
        Files.createDirectory(content);
        Answer answer = service.api().get("/v1/files/" + id);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(500);
        assertThat(answer.detail()).isEqualTo("Internal Server Error");
        assertThat(answer.header("content-disposition")).isEmpty();
    }

    /** What is missing at the end of a file must not look like its end. */
    @Test
    void cutsAnAnswerThatFailsLater() throws IOException {
        String id = service.api().upload("file", "x".repeat(MB));
        try (Socket socket = service.api().connect()) {
            Path content = service.storage().resolve(id).resolve("content");
            Files.writeString(content, "x".repeat(MB / 2));
            socket.getOutputStream()
                    .write("GET /v1/files/%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .formatted(id)
                            .getBytes(UTF_8));
            byte[] all = socket.getInputStream().readAllBytes();
            assertThat(new String(all, UTF_8)).startsWith("HTTP/1.1 200 ").endsWith("x");
        }
    }
}
