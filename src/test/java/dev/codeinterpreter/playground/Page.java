package dev.codeinterpreter.playground;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Browser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The playground in a browser, as a person uses it. */
final class Page {
    private static final Duration WAIT = Duration.ofSeconds(40);

    /** Before anything of the page runs: what goes wrong in it is remembered. */
    private static final String WITNESS = """
            window.faults = [];
            addEventListener('error', event => faults.push('error: ' + event.message));
            addEventListener('unhandledrejection', event => faults.push('rejected: ' + event.reason));
            addEventListener('securitypolicyviolation', event => {
              // Chromium puts styles on what is typed over a selection, and refuses them then: nothing of ours.
              if (event.target?.id !== 'editor') faults.push('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
            });
            """;

    private static boolean watched;

    private final Browser browser;
    private final ChromeDriver driver;
    private final String address;

    private Page(Browser browser, String address) {
        this.browser = browser;
        this.driver = browser.driver();
        this.address = address;
    }

    /** Opens it on a desktop, with nothing remembered. */
    static Page open(Api api) {
        return open("http://localhost:%d/".formatted(api.port()));
    }

    static Page open(String address) {
        Assumptions.assumeTrue(Browser.isInstalled(), "skipped: there is no chromium with its driver here");
        Browser browser = Browser.shared();
        if (!watched) {
            browser.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WITNESS));
            watched = true;
        }
        Page page = new Page(browser, address);
        page.size(1280, 860, false);
        page.scheme("light");
        page.load();
        if (Boolean.TRUE.equals(page.script("""
                const remembered = sessionStorage.length + localStorage.length > 0;
                sessionStorage.clear();
                localStorage.clear();
                return remembered;
                """))) {
            page.load();
        }
        return page;
    }

    void load() {
        driver.get(address);
        Await.until(
                "a page that is ready",
                WAIT,
                () -> Boolean.TRUE.equals(script("return document.documentElement.dataset.ready === 'true'")));
    }

    Browser browser() {
        return browser;
    }

    void size(int width, int height, boolean phone) {
        browser.devTools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
        browser.devTools("Emulation.setTouchEmulationEnabled", Map.of("enabled", phone));
    }

    void scheme(String scheme) {
        browser.devTools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    @Nullable
    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    /** Scrolls to it first: the bar of a phone covers what is at the lower end. */
    void click(String selector) {
        WebElement element = find(selector);
        script("arguments[0].scrollIntoView({block: 'center'})", element);
        element.click();
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    String text(String selector) {
        return Objects.requireNonNull(
                (String) script("return document.querySelector(arguments[0])?.textContent ?? ''", selector));
    }

    WebElement editor() {
        return find("#editor").getShadowRoot().findElement(By.cssSelector(".cm-content"));
    }

    /** Pastes a program in place of the one that is there. */
    void program(String code) {
        WebElement editor = editor();
        editor.sendKeys(Keys.chord(Keys.CONTROL, "a"));
        script("""
                const data = new DataTransfer();
                data.setData('text/plain', arguments[1]);
                arguments[0].dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
                """, editor, code);
    }

    /** Runs it to its end; gives the sentence of the page. */
    String run(String code) {
        program(code);
        begin();
        return awaitEnd();
    }

    /** Clicks on Run. */
    void begin() {
        find("#run").click();
    }

    String awaitEnd() {
        Await.until(
                "the end of a run",
                WAIT,
                () -> Boolean.TRUE.equals(script("return document.getElementById('stop').disabled")));
        return status();
    }

    /** The sentence that all see. */
    String status() {
        return Objects.requireNonNull(
                (String) script("return document.getElementById('status').firstChild?.data ?? ''"));
    }

    void await(String what, String condition) {
        Await.until(what, WAIT, () -> Boolean.TRUE.equals(script("return Boolean(" + condition + ")")));
    }

    void example(String name) {
        script("""
                const list = document.getElementById('examples');
                list.value = [...list.options].find(option => option.text === arguments[0]).value;
                list.dispatchEvent(new Event('change'));
                """, name);
    }

    /** Nothing has gone wrong in the page itself since it was loaded. */
    void requireNoFaults() {
        assertThat(script("return window.faults")).isEqualTo(List.of());
    }
}
