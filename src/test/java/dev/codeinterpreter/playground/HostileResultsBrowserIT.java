package dev.codeinterpreter.playground;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;

/** Programs that want to run something in the page, to read from it, to change it, or to call another server from it. */
@Timeout(120)
class HostileResultsBrowserIT {
    /** {@code CANARY} is the address of a server that nothing may call, {@code pwned} what a script would set. */
    enum Attack {
        OUTPUT("print('''{html}''')"),
        ERROR_OUTPUT("import sys; print('''{html}''', file=sys.stderr)"),
        ERROR_TEXT("raise ValueError('''{html}''')"),
        EXIT_TEXT("raise SystemExit('''{html}''')"),
        HTML("display(Form('text/html', '''{html}'''))"),
        HTML_WITH_A_SCRIPT("display(Form('text/html', '<script>top.pwned = parent.pwned = 1</script><p>shown</p>'))"),
        HTML_THAT_LEAVES("""
                display(Form('text/html', '''<base href="CANARY" target="_top"><meta http-equiv="refresh" content="0;url=CANARY">
                <link rel="stylesheet" href="CANARY"><a id="way-out" href="CANARY">out</a><a id="top" target="_top" href="CANARY">out</a>
                <form action="CANARY" target="_top"><button id="form">send</button></form>'''))"""),
        HTML_THAT_LOADS("""
                display(Form('text/html', '''<style>@import "CANARY"; body { background: url(CANARY) } @font-face { font-family: x; src: url(CANARY) } p { font-family: x }</style>
                <p style="background: url(CANARY)">text</p><img src="CANARY"><iframe src="CANARY"></iframe><video src="CANARY" poster="CANARY"></video>
                <object data="CANARY"></object><embed src="CANARY"><svg><image href="CANARY"/><use href="CANARY#x"/></svg><img srcset="CANARY 2x">'''))"""),
        HTML_OUT_OF_ITS_FRAME(
                "display(Form('text/html', '</body></html>\"><iframe srcdoc=\"<script>top.pwned=1</script>\"></iframe>"
                        + "<template><script>top.pwned=1</script></template><math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=top.pwned=1&gt;\">'))"),
        STYLE_OUT_OF_ITS_RULE(
                "display(Form('text/html', '<p style=\"} * { background: url(CANARY) } @import url(CANARY); x {\">style = \"x\"</p><p a\"b=\"style=\">x</p>'))"),
        SVG(
                "display(Form('image/svg+xml', '''<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\" onload=\"top.pwned=1\">"
                        + "<script>top.pwned=1</script><image href=\"CANARY\"/><foreignObject>{html}</foreignObject></svg>'''))"),
        JSON(
                "display(Form('application/json', {'''{html}''': ['''{html}''', {'__proto__': {'className': 'pwned'}}]}))"),
        LATEX("display(Form('text/latex', '''{html}'''))"),
        MARKDOWN("display(Form('text/markdown', '''{html} [click](javascript:top.pwned=1) ![](CANARY)'''))"),
        FILE_NAMES("""
                for name in ('<img src=x onerror=top.pwned=1>', '"><script>top.pwned=1<', "' onclick='top.pwned=1", 'a\\u202etxt.exe', 'javascript:top.pwned=1', '&lt;b&gt;'):
                    open(name + '.txt', 'w').write('''{html}''')
                import os; os.symlink('/', '<img src=x onerror=top.pwned=1>.link')"""),
        HTML_FILE("open('page.html', 'w').write('''{html}''')"),
        SVG_FILE(
                "open('picture.svg', 'w').write('<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"top.pwned=1\"><script>top.pwned=1</script></svg>')"),
        NO_IMAGE("open('picture.png', 'w').write('''{html}''')"),
        BINARY("open('data.txt', 'wb').write(bytes(range(256)))");

        private static final String SCRIPTS =
                "<script>top.pwned=1</script><img src=x onerror=top.pwned=1><svg onload=top.pwned=1></svg>"
                        + "<a href=javascript:top.pwned=1 id=link>x</a><iframe src=javascript:top.pwned=1></iframe>"
                        + "<details open ontoggle=top.pwned=1>x</details><input autofocus onfocus=top.pwned=1>\\u0000\\u2028";

        private final String program;

        Attack(String program) {
            this.program = program;
        }

        /** What of the page's text shows that it was not left out. */
        String shown() {
            return switch (this) {
                case OUTPUT, ERROR_OUTPUT, ERROR_TEXT, EXIT_TEXT, JSON, LATEX, MARKDOWN -> "top.pwned";
                case FILE_NAMES -> "a\\u202etxt.exe.txt";
                case HTML_WITH_A_SCRIPT -> "This result has scripts, which do not run here.";
                case HTML_FILE -> "page.html";
                case SVG_FILE -> "picture.svg";
                case NO_IMAGE -> "is not an image that can be shown";
                case BINARY -> "This file is not text";
                default -> "Finished";
            };
        }
    }

    /** In base64: this is no test of quotation marks. Each goes on when the one before it has failed. */
    private static String source(List<Attack> attacks) {
        StringBuilder whole = new StringBuilder("""
                import base64, traceback
                class Form:
                    def __init__(self, type, value): self.forms = {'text/plain': '<img src=x onerror=top.pwned=1>', type: value}
                    def _repr_mimebundle_(self, **_): return self.forms
                """);
        for (Attack attack : attacks) {
            String program = attack.program
                    .replace("{html}", Attack.SCRIPTS)
                    .replace(
                            "CANARY",
                            "http://localhost:%d/%s"
                                    .formatted(canary.getAddress().getPort(), attack));
            whole.append("""
                    try: exec(base64.b64decode('%s').decode())
                    except BaseException: traceback.print_exc()
                    """.formatted(Base64.getEncoder().encodeToString(program.getBytes(UTF_8))));
        }
        return whole.toString();
    }

    private static final ConcurrentLinkedQueue<String> CALLS = new ConcurrentLinkedQueue<>();
    private static HttpServer canary;
    private static ServiceProcess service;
    private Page page;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
        try {
            canary = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        canary.createContext("/", exchange -> {
            CALLS.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        canary.start();
    }

    @AfterAll
    static void stop() {
        canary.stop(0);
    }

    @BeforeEach
    void open() {
        page = Page.open(service.api());
        CALLS.clear();
    }

    @AfterEach
    void leaveFrames() {
        page.browser().driver().switchTo().defaultContent();
    }

    @Test
    void allAtOnceReachNothing() {
        reachNothing(List.of(Attack.values()));
    }

    /** Names the culprit. */
    @Tag("complete")
    @ParameterizedTest
    @EnumSource
    void reachesNothing(Attack attack) {
        reachNothing(List.of(attack));
    }

    private void reachNothing(List<Attack> attacks) {
        String address = String.valueOf(page.script("return location.href"));
        assertThat(page.run(source(attacks))).startsWith("Finished");
        for (WebElement view : page.all("button[aria-label^=View]")) {
            view.click();
        }
        page.await("pictures", "![...document.querySelectorAll('.loading')].length");
        page.await(
                "previews",
                "document.querySelectorAll('.preview:not(:empty)').length >= document.querySelectorAll('button[aria-label^=View]').length");
        List<WebElement> frames = page.all("iframe");
        for (WebElement frame : frames) {
            assertThat(frame.getDomAttribute("sandbox")).isEmpty();
            page.browser().driver().switchTo().frame(frame);
            clickOnEverything();
            page.browser().driver().switchTo().defaultContent();
        }
        page.script("document.querySelectorAll('.json details').forEach(branch => branch.open = true)");

        assertThat(page.script("return location.href")).isEqualTo(address);
        assertThat(
                        page.script(
                                "return [typeof window.pwned, document.querySelectorAll('script').length, ''.pwned === undefined]"))
                .isEqualTo(List.of("undefined", 1L, true));
        assertThat((List<?>) page.script("""
                return [...document.querySelectorAll('main *, dialog *')].filter(element =>
                  [...element.attributes].some(({name, value}) => name.startsWith('on') || /^javascript:/i.test(value)))
                """)).isEmpty();
        assertThat(CALLS).isEmpty();
        assertThat(page.browser().driver().getWindowHandles()).hasSize(1);
        assertThat(
                        (List<?>)
                                page.script(
                                        "return window.faults.filter(fault => fault.startsWith('error') || fault.startsWith('rejected'))"))
                .isEmpty();
        assertThat(page.text("main"))
                .contains(attacks.stream().map(Attack::shown).toList());
    }

    /** The frame may refuse a click; none may lead anywhere. */
    private void clickOnEverything() {
        for (WebElement element : page.browser().driver().findElements(By.cssSelector("a, button"))) {
            try {
                element.click();
            } catch (WebDriverException e) {
                // Hidden by another, or gone with the frame's page: nothing was clicked on.
            }
        }
    }
}
