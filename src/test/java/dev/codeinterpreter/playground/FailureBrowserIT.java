package dev.codeinterpreter.playground;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.KeyGate;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.Keys;

/** Failures are reported in a sentence, and the page remains usable. */
@Timeout(120)
class FailureBrowserIT {
    private static final Duration WAIT = Duration.ofSeconds(30);

    @Test
    void reportsABusyServiceALargeFileAndALostConnection() throws IOException {
        try (ServiceProcess service = ServiceProcess.start(Map.of(
                "MAX_CONCURRENT_EXECUTIONS", "1", "EXECUTION_QUEUE_TIMEOUT_SEC", "0", "MAX_FILE_SIZE_MB", "1"))) {
            Page page = Page.open(service.api());
            Program longer = Program.of("import time; time.sleep(50)").timeoutMs(55_000);
            try (Socket _ = service.api().begin(longer)) {
                service.engine().awaitRunning(WAIT);
                assertThat(page.run("1")).startsWith("The service is busy: ").endsWith("Try again in 2 seconds.");
            }
            service.engine().awaitNone(WAIT);
            assertThat(page.run("raise SystemExit(3)")).isEqualTo("Finished with exit code 3.");

            page.find("#choose")
                    .sendKeys(page.browser()
                            .file("large.bin", "x".repeat(2 << 20))
                            .toString());
            page.await("a refusal", "document.getElementById('status').textContent.includes('too large')");
            assertThat(page.status())
                    .startsWith("large.bin was not added. That is too large: ")
                    .contains("1 MB");

            page.program("print('begun', flush=True); import time; time.sleep(50)");
            page.find("#timeout").clear();
            page.find("#timeout").sendKeys("55");
            page.begin();
            page.await("a run", "document.querySelector('#output pre')");
            service.kill();
            assertThat(page.awaitEnd())
                    .isEqualTo("The connection to the service ended before the result arrived. "
                            + "The program may have run in part.");
            assertThat(page.text("#output pre")).isEqualTo("begun\n");
            assertThat(page.run("1")).isEqualTo("The service cannot be reached. Check the connection, then try again.");
            page.requireNoFaults();
        }
    }

    @Test
    void reportsAMissingEngine() {
        Page page = Page.open(ServiceProcess.withoutEngine().api());
        assertThat(page.run("1")).startsWith("No sandbox is available: ").endsWith("Try again in 10 seconds.");
        page.find("#timeout").clear();
        page.find("#timeout").sendKeys("1000");
        assertThat(page.run("1")).isEqualTo("The service refused this: timeout_ms exceeds maximum of 60000 ms.");
        page.requireNoFaults();
    }

    @Test
    void reportsAnEndedSession() {
        ServiceProcess service = ServiceProcess.shared(Map.of());
        Page page = Page.open(service.api());
        page.find("#mode [value=session]").click();
        assertThat(page.run("open('kept.txt', 'w').close()")).startsWith("Finished.");
        page.await("its files", "document.querySelector('#session-files li')");
        String id = String.valueOf(page.script("return sessionStorage.getItem('playground.session')"));
        assertThat(service.api().delete("/v1/sessions/" + id).status()).isEqualTo(204);
        assertThat(page.run("1"))
                .isEqualTo("The session has ended, and its files with it. Run again to start another.");
        assertThat(page.run("2")).isEqualTo("Finished.");
        page.find("#session-end").click();
        service.engine().awaitNone(WAIT);
        page.requireNoFaults();
    }

    @Test
    void asksForAKeyAndKeepsItForTheTab() {
        ServiceProcess service = ServiceProcess.shared(Map.of());
        try (KeyGate gate = KeyGate.start(service.api(), "ci_right")) {
            Page page = Page.open(gate.address());
            page.program("print('let in')");
            page.begin();
            page.await("a question", "document.getElementById('key-dialog').open");
            assertThat(page.script("return document.activeElement.id")).isEqualTo("key");
            page.find("#key").sendKeys(Keys.ESCAPE);
            assertThat(page.awaitEnd()).isEqualTo("The service asks for a key. Enter one with the button Key.");

            page.begin();
            page.await("a question", "document.getElementById('key-dialog').open");
            page.find("#key").sendKeys("ci_wrong", Keys.ENTER);
            assertThat(page.awaitEnd()).isEqualTo("The service asks for a key. Enter one with the button Key.");
            page.find("#key-button").click();
            page.find("#key").sendKeys("ci_right", Keys.ENTER);
            page.begin();
            assertThat(page.awaitEnd()).isEqualTo("Finished.");
            assertThat(page.text("#output pre")).isEqualTo("let in\n");

            page.load();
            assertThat(page.run("6 * 7")).isEqualTo("Finished.");
            assertThat(page.script("return [localStorage.length, document.cookie, location.href.includes('ci_')]"))
                    .isEqualTo(java.util.List.of(0L, "", false));
            page.find("#key-button").click();
            page.find("#key-forget").click();
            assertThat(page.script("return sessionStorage.getItem('playground.key')"))
                    .isNull();
            page.requireNoFaults();
        }
    }
}
