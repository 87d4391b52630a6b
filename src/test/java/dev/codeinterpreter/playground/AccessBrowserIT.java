package dev.codeinterpreter.playground;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/** Accessibility: three sizes, light and dark, the keyboard, screen readers, and the size of the first load. */
@Timeout(120)
class AccessBrowserIT {
    private static final int MAX_FIRST_LOAD = 400_000;
    /** For people to look at. */
    private static final Path SCREENSHOTS = Path.of("target/screenshots");

    private static final String PROGRAM = """
            import sys, matplotlib.pyplot as plt, pandas
            print('to be seen')
            print('and an error', file=sys.stderr)
            plt.plot([3, 1, 2]); plt.title('A figure'); plt.show()
            class Value:
                def _repr_mimebundle_(self, **_): return {'text/plain': 'v', 'application/json': {'a': [1, 'two', None]}}
            display(Value())
            open('back.txt', 'w').write('text\\n')
            pandas.DataFrame({'city': ['Bergen', 'Oslo'], 'rain': [2250, 763]})
            """;

    private Page page;

    @BeforeEach
    void open() {
        page = Page.open(ServiceProcess.shared(Map.of()).api());
    }

    @Test
    void canBeUsedInTheDark() throws IOException {
        canBeUsed("dark", 1024, 768, "dark");
    }

    @Tag("complete")
    @ParameterizedTest
    @CsvSource({"desktop,1280,860", "phone,390,844"})
    void canBeUsedInTheLight(String name, int width, int height) throws IOException {
        canBeUsed(name, width, height, "light");
    }

    private void canBeUsed(String name, int width, int height, String scheme) throws IOException {
        page.scheme(scheme);
        page.size(width, height, name.equals("phone"));
        page.load();
        List<String> findings = new java.util.ArrayList<>(axe());
        page.find("#choose").sendKeys(page.browser().file("rain.csv", "a").toString());
        page.await("an upload", "document.querySelector('#input-list li')");
        page.find("#stdin-details summary").click();
        page.script("document.querySelector('#mode [value=session]').click()");
        assertThat(page.run(PROGRAM)).startsWith("Finished.");
        page.await("a figure", "document.querySelector('#output img')?.complete");
        page.click("#returned-list button[aria-label='View back.txt']");
        page.await("a preview", "document.querySelector('#returned-list .form')");
        page.await("its files", "document.querySelector('#session-files li')");
        findings.addAll(axe());
        shoot(name);
        assertThat((Long) page.script("return document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(width);
        page.click("#key-button");
        findings.addAll(axe());
        page.find("#key").sendKeys(Keys.ESCAPE);
        page.click("#session-end");
        page.await("the end", "document.getElementById('session-end').disabled");
        assertThat(findings).isEmpty();
        page.requireNoFaults();
    }

    private void shoot(String name) throws IOException {
        Map<String, Object> shot = page.browser()
                .devTools(
                        "Page.captureScreenshot",
                        Map.of(
                                "captureBeyondViewport",
                                true,
                                "clip",
                                Map.of(
                                        "x",
                                        0,
                                        "y",
                                        0,
                                        "scale",
                                        1,
                                        "width",
                                        requireNonNull(page.script("return document.documentElement.clientWidth")),
                                        "height",
                                        requireNonNull(page.script("return document.documentElement.scrollHeight")))));
        Files.createDirectories(SCREENSHOTS);
        Files.write(
                SCREENSHOTS.resolve(name + ".png"),
                java.util.Base64.getDecoder().decode(String.valueOf(shot.get("data"))));
    }

    /** Serious and critical findings of axe-core, as it is set, in the page and its shadow roots. */
    private List<String> axe() throws IOException {
        try (InputStream in = requireNonNull(AccessBrowserIT.class.getResourceAsStream("/axe.min.js"))) {
            page.script(new String(in.readAllBytes(), UTF_8));
        }
        Object found = page.browser().driver().executeAsyncScript("""
                const done = arguments[0];
                axe.run(document, {iframes: false}).then(result => done(result.violations
                  .filter(violation => ['serious', 'critical'].includes(violation.impact))
                  .flatMap(violation => violation.nodes.map(node => violation.id + ': ' + node.html.slice(0, 200) + ' ' + node.failureSummary))),
                  error => done(['axe failed: ' + error]));
                """);
        return ((List<?>) requireNonNull(found)).stream().map(String::valueOf).toList();
    }

    /** Every control is reached by Tab alone. */
    @Test
    void reachesEverythingWithTheKeyboard() {
        page.script("document.body.focus()");
        Set<String> reached = new HashSet<>();
        String last = "";
        for (int i = 0; i < 40 && !last.equals("output"); i++) {
            Actions keys = new Actions(page.browser().driver());
            (last.equals("editor") ? keys.sendKeys(Keys.ESCAPE) : keys)
                    .sendKeys(Keys.TAB)
                    .perform();
            last = String.valueOf(
                    page.script(
                            "return document.activeElement.id || document.activeElement.value || document.activeElement.localName"));
            reached.add(last);
        }
        assertThat(reached)
                .contains("key-button", "theme", "examples", "editor", "run", "once", "timeout", "choose", "output");
    }

    /** The live region: how a run ended and what it printed first. */
    @Test
    void announcesRuns() {
        assertThat(page.script("return document.getElementById('status').getAttribute('role')"))
                .isEqualTo("status");
        page.run("print('line', 1)");
        assertThat(page.text("#status")).isEqualTo("Finished. It printed: line 1");
        page.run("pass");
        assertThat(page.text("#status")).isEqualTo("Finished. It printed nothing.");
        page.run("1 / 0");
        assertThat(page.text("#status")).startsWith("Finished with exit code 1. It printed: Traceback");
    }

    @Test
    void keepsTheChosenColours() {
        String before = colour();
        page.script("""
                const list = document.getElementById('theme');
                list.value = 'dark';
                list.dispatchEvent(new Event('change'));
                """);
        assertThat(colour()).isNotEqualTo(before);
        page.load();
        assertThat(colour()).isNotEqualTo(before);
    }

    private String colour() {
        return String.valueOf(page.script("return getComputedStyle(document.body).backgroundColor"));
    }

    @Test
    void loadsAtMost400KilobytesFromTheServiceAlone() {
        page.browser().devTools("Network.setCacheDisabled", Map.of("cacheDisabled", true));
        page.browser().log("performance");
        page.load();
        page.browser().devTools("Network.setCacheDisabled", Map.of("cacheDisabled", false));
        long bytes = 0;
        Set<String> origins = new HashSet<>();
        for (String line : page.browser().log("performance")) {
            JsonObject message =
                    Json.createReader(new StringReader(line)).readObject().getJsonObject("message");
            JsonObject parameters = message.getJsonObject("params");
            switch (message.getString("method")) {
                case "Network.loadingFinished" ->
                    bytes += parameters.getJsonNumber("encodedDataLength").longValue();
                case "Network.requestWillBeSent" ->
                    origins.add(parameters
                            .getJsonObject("request")
                            .getString("url")
                            .replaceFirst("^(\\w+:(//[^/]+)?).*", "$1"));
                default -> {}
            }
        }
        assertThat(bytes).as("bytes over the wire").isBetween(50_000L, (long) MAX_FIRST_LOAD);
        String own = String.valueOf(page.script("return location.origin"));
        assertThat(origins).contains(own).isSubsetOf(own, "data:");
    }
}
