package dev.codeinterpreter.playground;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.Keys;

/** Each function of the playground against the real service. */
@Timeout(120)
class RunBrowserIT {
    private static ServiceProcess service;
    private Page page;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_OUTPUT_BYTES", "12000000"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void open() {
        page = Page.open(service.api());
    }

    @AfterEach
    void nothingWentWrong() {
        page.requireNoFaults();
    }

    @Test
    void runsWhatIsTypedWithTheKeyboardAlone() {
        page.editor().sendKeys(Keys.chord(Keys.CONTROL, "a"), "for i in range(3):", Keys.ENTER, "print(i * 7");
        page.editor().sendKeys(Keys.chord(Keys.CONTROL, Keys.ENTER));
        assertThat(page.awaitEnd()).isEqualTo("Finished.");
        assertThat(page.text("#output pre")).isEqualTo("0\n7\n14\n");
        assertThat(page.text("#usage"))
                .contains("Exit code0")
                .containsPattern("Program\\d")
                .containsPattern("Processor\\d")
                .containsPattern("Peak memory\\d+ MB");
        assertThat((Long) page.script(
                        "return document.querySelector('#editor').shadowRoot.querySelectorAll('.cm-line span').length"))
                .as("highlighted words")
                .isGreaterThan(2);
        // Tab indents, so there is another way out of the editor.
        page.editor().sendKeys(Keys.ESCAPE, Keys.TAB);
        assertThat(page.script("return document.activeElement.id")).isEqualTo("run");
    }

    @Test
    void streamsOutputMarksStderrAndStops() {
        page.program("""
                import sys, time
                print('first', flush=True)
                print('trouble', file=sys.stderr)
                time.sleep(60)
                """);
        page.find("#timeout").clear();
        page.find("#timeout").sendKeys("60");
        page.begin();
        // A line and its end may arrive one after the other.
        page.await(
                "output of a program that runs",
                "document.querySelector('#output .stderr')?.textContent === 'stderrtrouble\\n'");
        assertThat(page.text("#output .stdout pre")).isEqualTo("first\n");
        assertThat(page.script("return document.activeElement.id")).isEqualTo("stop");
        page.find("#stop").click();
        assertThat(page.awaitEnd()).isEqualTo("Stopped.");
        assertThat(page.script("return document.activeElement.id")).isEqualTo("run");
        service.engine().awaitNone(Duration.ofSeconds(30));
    }

    @Test
    void endsALineWhereItBegan() {
        assertThat(page.run("""
                import sys, time
                for stream, text in (sys.stdout, 'a'), (sys.stderr, 'b'), (sys.stdout, '\\n'), (sys.stderr, '\\nc'), (sys.stdout, 'd'):
                    stream.write(text)
                    stream.flush()
                    time.sleep(0.2)
                """)).isEqualTo("Finished.");
        assertThat(page.script(
                        "return [...document.querySelectorAll('#output .text pre')].map(pre => pre.textContent)"))
                .isEqualTo(List.of("a\n", "b\nc", "d"));
    }

    @Test
    void passesStandardInputAndTheTimeLimit() {
        page.find("#stdin-details summary").click();
        page.find("#stdin").sendKeys("3 4");
        page.find("#timeout").clear();
        page.find("#timeout").sendKeys("0.5");
        assertThat(page.run("a, b = map(int, input().split()); print(a * b)\nwhile True: pass"))
                .isEqualTo("The time limit was reached.");
        assertThat(page.text("#output pre")).isEqualTo("12\n");
        assertThat(page.text("#usage")).contains("Exit codenone");
    }

    @Test
    void showsTablesFiguresJsonAndLatex() {
        assertThat(page.run("""
                import matplotlib.pyplot as plt, pandas
                plt.plot([1, 2, 3]); plt.show()
                class Form:
                    def __init__(self, **forms): self.forms = forms
                    def _repr_mimebundle_(self, **_): return {'text/plain': 'plain', **{k.replace('_', '/'): v for k, v in self.forms.items()}}
                display(Form(application_json={'answer': [42, None, ['x']]}))
                display(Form(text_latex='$x^2$'))
                pandas.DataFrame({'rain': [2250]}).style.set_properties(color='rgb(1, 2, 3)')
                """)).isEqualTo("Finished. 1 file returned.");
        page.await("a figure", "document.querySelector('#output img')?.naturalWidth > 100");
        page.find(".json details details details summary").click();
        page.await("its members", "document.querySelector('.json-string')");
        assertThat(page.text(".json")).contains("answer", "42", "null", "\"x\"");
        assertThat(page.text("pre.form")).isEqualTo("$x^2$");
        assertThat(
                        page.script(
                                "return [...document.querySelectorAll('#output .result > *')].map(e => e.className || e.localName)"))
                .isEqualTo(java.util.List.of("picture", "json", "form", "div"));
        page.browser().driver().switchTo().frame(page.find("iframe.html"));
        assertThat(page.find("td").getText()).isEqualTo("2250");
        assertThat(page.find("td").getCssValue("color")).isEqualTo("rgba(1, 2, 3, 1)");
        page.browser().driver().switchTo().defaultContent();
        assertThat(page.browser().log("browser")).noneMatch(line -> line.contains("Security Policy"));
    }

    @Test
    void uploadsAndReturnsFiles() throws IOException {
        page.find("#choose")
                .sendKeys(
                        page.browser().file("rain.csv", "city,rain\nOslo,763\n").toString());
        page.await("an upload", "document.querySelector('#input-list li')");
        drop("note.txt", "dropped");
        page.await("a second one", "document.querySelectorAll('#input-list li').length === 2");
        assertThat(page.run("""
                print(open('rain.csv').read() + open('note.txt').read())
                open('back.txt', 'w').write('for the browser')
                """)).isEqualTo("Finished. 1 file returned.");
        assertThat(page.text("#output pre")).isEqualTo("city,rain\nOslo,763\ndropped\n15\n");
        page.find("#returned-list button[aria-label='View back.txt']").click();
        page.await("a preview", "document.querySelector('#returned-list .form')");
        assertThat(page.text("#returned-list .form")).isEqualTo("for the browser");
        page.find("#returned-list button[aria-label='Download back.txt']").click();
        Path saved = page.browser().downloads().resolve("back.txt");
        Await.until("a download", Duration.ofSeconds(20), () -> Files.exists(saved));
        assertThat(saved).hasContent("for the browser");
        Files.delete(saved);
        page.find("#input-list button[aria-label='Remove note.txt']").click();
        page.await("one less", "document.querySelectorAll('#input-list li').length === 1");
        assertThat(page.run("import os; print(os.path.exists('note.txt'))")).isEqualTo("Finished.");
        assertThat(page.text("#output pre")).isEqualTo("False\n");
    }

    private void drop(String name, String content) {
        page.script("""
                const data = new DataTransfer();
                data.items.add(new File([arguments[1]], arguments[0]));
                for (const kind of ['dragenter', 'dragover', 'drop']) {
                  document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
                }
                """, name, content);
    }

    @Test
    void keepsASessionWithItsFilesAndItsTime() {
        page.find("#mode [value=session]").click();
        assertThat(page.text("#session-state")).isEqualTo("starts with the next run");
        assertThat(page.run("x = 41\nopen('kept.txt', 'w').write('kept')")).startsWith("Finished.");
        page.await("its files", "document.querySelector('#session-files li')");
        assertThat(page.text("#session-files li bdi")).isEqualTo("kept.txt");
        assertThat(page.text("#session-state")).matches("1[45]:\\d\\d left");
        drop("more.txt", "more");
        page.await("a file that goes into it", "document.querySelectorAll('#session-files li').length === 2");

        page.load();
        page.await("the same session", "document.querySelectorAll('#session-files li').length === 2");
        assertThat(page.run("print(x + 1, open('more.txt').read())")).isEqualTo("Finished.");
        assertThat(page.text("#output pre")).isEqualTo("42 more\n");
        page.find("#session-extend").click();
        page.await("more time", "document.getElementById('status').textContent.includes('15:00 left')");
        page.find("#session-end").click();
        page.await("the end", "document.getElementById('status').textContent.includes('has ended')");
        assertThat(page.text("#session-state")).isEqualTo("starts with the next run");
        service.engine().awaitNone(Duration.ofSeconds(30));
    }

    @Test
    void offersExamplesThatRun() {
        page.example("Standard input");
        page.begin();
        assertThat(page.awaitEnd()).isEqualTo("Finished.");
        assertThat(page.text("#output pre")).isEqualTo("sorted: [1, 1, 2, 3, 4, 5, 6, 9]\nsum: 31\n");
    }

    /** Eleven million characters in long and short lines, and ten thousand changes between the streams. */
    @Test
    void staysResponsiveUnderLargeOutput() {
        page.script("""
                window.gap = 0;
                let last = performance.now();
                setInterval(() => { gap = Math.max(gap, performance.now() - last); last = performance.now(); }, 10);
                """);
        assertThat(page.run("""
                import os
                for _ in range(100): os.write(1, b'x' * 50_000 + b'y\\n' * 25_000)
                for _ in range(5_000): os.write(1, b'a'); os.write(2, b'b')
                os.write(2, b'the end')
                """)).isEqualTo("Finished.");
        assertThat((Long) page.script("return Math.ceil(window.gap)"))
                .as("milliseconds")
                .isLessThan(5_000);
        assertThat((Long) page.script("return document.getElementById('output').textContent.length"))
                .isBetween(200_000L, 500_000L);
        assertThat(page.text("#output .stderr:last-of-type")).endsWith("the end");
        assertThat(page.text("#output .note")).startsWith("More was printed than is shown here.");
        page.find("#output .note button").click();
        Path saved = page.browser().downloads().resolve("output.txt");
        Await.until("all of it", Duration.ofSeconds(20), () -> Files.exists(saved));
        assertThat(saved.toFile().length()).isGreaterThan(9_000_000);
        assertThat(saved.toFile().delete()).isTrue();
    }
}
