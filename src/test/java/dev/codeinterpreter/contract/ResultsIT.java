package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Event;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What programs show: as a run, as a stream and in a session. */
@Timeout(120)
class ResultsIT {
    private static Api api;

    @BeforeAll
    static void start() {
        api = ServiceProcess.shared(Map.of()).api();
    }

    /**
     * @param shown each as its type, the MIME types of its data and its files, in order
     * @param stdout all of it
     */
    record Case(String name, String code, String stdout, List<String> shown) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case row(String name, String code, String stdout, String... shown) {
        return new Case(name, code, stdout, List.of(shown));
    }

    static Stream<Case> cases() {
        String plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n";
        return Stream.of(
                row("nothing", "print(1)", "1\n"),
                row("a value", "6 * 7", "42\n", "execute_result text/plain"),
                row("no value", "x = 1\nNone", ""),
                row(
                        "display",
                        "display(5, 'a')\nprint(2)",
                        "5\n'a'\n2\n",
                        "display_data text/plain",
                        "display_data text/plain"),
                row(
                        "a table",
                        "import pandas\npandas.DataFrame({'a': [1]})",
                        "   a\n0  1\n",
                        "execute_result text/plain text/html"),
                row(
                        "a figure",
                        plot + "plt.show()\nprint(plt.get_fignums())",
                        "[]\n",
                        "display_data text/plain figure-1.png"),
                row(
                        "two figures at once",
                        plot + "plt.figure(); plt.plot([2])\nplt.show()",
                        "",
                        "display_data text/plain figure-1.png",
                        "display_data text/plain figure-2.png"),
                row(
                        "a figure of its own",
                        plot + "plt.gcf().show()\nprint(plt.get_fignums())",
                        "[]\n",
                        "display_data text/plain figure-1.png"),
                row("a figure that is left", plot + "print(1)", "1\n", "display_data text/plain figure-1.png"),
                row("a figure that is left by an exception", plot + "1/0", "", "display_data text/plain figure-1.png"),
                row("a figure that is saved", plot + "plt.savefig('a.png')\nprint(1)", "1\n"),
                row("a figure in memory", plot + "import io; plt.savefig(io.BytesIO())\nprint(1)", "1\n"),
                row("an empty figure", "import matplotlib.pyplot as plt\nplt.figure()\nprint(1)", "1\n"),
                row(
                        "a figure that is saved after it was shown",
                        plot + "plt.show()\nplt.savefig('a.png')\nimport os\nprint(os.path.getsize('a.png') > 9000)",
                        "True\n",
                        "display_data text/plain figure-1.png"),
                row(
                        "a figure as the value",
                        plot + "plt.gcf()",
                        "<Figure size 640x480 with 1 Axes>\n",
                        "execute_result text/plain figure-1.png"),
                row(
                        "another value with a figure",
                        plot + "5",
                        "5\n",
                        "display_data text/plain figure-1.png",
                        "execute_result text/plain"),
                row(
                        "a backend by name",
                        "import matplotlib\nmatplotlib.use('Agg')\n" + plot + "plt.show()",
                        "",
                        "display_data text/plain figure-1.png"),
                row("a show of its own", plot + "plt.show = lambda: plt.savefig('b.png')\nplt.show()", ""),
                row(
                        "pictures",
                        "from PIL import Image\nImage.new('CMYK', (3, 3)).show()\nx = Image.new('RGBA', (2, 2))\ntype(x).__repr__ = lambda _: 'picture'\nx",
                        "picture\n",
                        "display_data text/plain display-1.png",
                        "execute_result text/plain display-2.png"),
                row(
                        "a program for a notebook",
                        "%matplotlib inline\n!echo hi\nimport asyncio\nawait asyncio.sleep(0, 5)",
                        "hi\n5\n",
                        "execute_result text/plain"),
                row(
                        "a plotly figure",
                        "import plotly.express as px\npx.line(x=[1, 2], y=[3, 4]).show()\nprint(1)",
                        "1\n",
                        "display_data text/plain application/vnd.plotly.v1+json"),
                row(
                        "an altair chart",
                        "import altair, pandas\naltair.Chart(pandas.DataFrame({'x': [1]})).mark_bar().encode(x='x').show()",
                        "",
                        "display_data text/plain text/html"),
                row(
                        "what IPython displays",
                        "from IPython.display import display, HTML, Markdown, Math\ndisplay(HTML('<b>1</b>'), Markdown('# a'))\nMath('x')",
                        """
                        <IPython.core.display.HTML object>
                        <IPython.core.display.Markdown object>
                        <IPython.core.display.Math object>
                        """,
                        "display_data text/plain text/html",
                        "display_data text/plain text/markdown",
                        "execute_result text/plain text/latex"),
                row(
                        "what was shown before the end",
                        "display(1)\nimport os\nos._exit(0)",
                        "1\n",
                        "display_data text/plain"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesBack(Case row) {
        Program program = Program.of(row.code()).timeoutMs(20_000);
        Result result = api.run(program);
        assertShown(row, result.results(), result);
    }

    @Tag("complete")
    @ParameterizedTest
    @MethodSource("cases")
    void comesBackInAStreamAndFromASession(Case row) {
        Program program = Program.of(row.code()).timeoutMs(20_000);
        try (EventReader events = api.stream(program)) {
            Streamed streamed = events.readAll();
            JsonObject whole = Json.createObjectBuilder(streamed.result().json())
                    .add("stdout", streamed.stdout())
                    .add("stderr", streamed.stderr())
                    .build();
            assertShown(row, streamed.result().results(), new Result(whole));
            List<JsonObject> displays = streamed.displays();
            assertThat(displays)
                    .containsExactlyInAnyOrderElementsOf(streamed.result().results());
        }
        try (Session session = Session.begin(api)) {
            Result command = session.python(program);
            assertShown(row, command.results(), command);
        }
    }

    private static void assertShown(Case row, List<JsonObject> results, Result result) {
        assertThat(result.stdout()).as(result.toString()).isEqualTo(row.stdout());
        assertThat(results.stream().map(ResultsIT::described))
                .as(result.toString())
                .containsExactlyElementsOf(row.shown());
        assertThat(result.stderr()).as(result.toString()).matches("(?s)|Traceback.*1/0.*");
        for (JsonObject item : results) {
            for (JsonObject file : item.getJsonArray("files").getValuesAs(JsonObject.class)) {
                assertThat(result.files()).containsEntry(file.getString("path"), file.getString("file_id"));
                assertThat(api.content(file.getString("file_id")))
                        .hasSizeGreaterThan(20)
                        .contains("PNG");
            }
        }
    }

    private static String described(JsonObject item) {
        Stream<String> files = item.getJsonArray("files").getValuesAs(JsonObject.class).stream()
                .map(file -> file.getString("path"));
        return String.join(
                " ",
                Stream.of(Stream.of(item.getString("type")), item.getJsonObject("data").keySet().stream(), files)
                        .flatMap(Function.identity())
                        .toList());
    }

    /** As a model would write them, after one another in one session. */
    @Test
    void showsAllOfANotebookOfTenCells() {
        try (Session session = Session.begin(api)) {
            session.write("sales.csv", "city,month,units\nOslo,1,3\nOslo,2,5\nBergen,1,4\n".getBytes(UTF_8));
            List<Case> cells = List.of(
                    row("magic", "%matplotlib inline\nimport pandas as pd\nimport matplotlib.pyplot as plt", ""),
                    row("files", "!ls /mnt/data", "sales.csv\n"),
                    row(
                            "load",
                            "df = pd.read_csv('/mnt/data/sales.csv')\ndf.head(1)",
                            "   city  month  units\n0  Oslo      1      3\n",
                            "execute_result text/plain text/html"),
                    row("describe", "df.units.describe()['mean']", "np.float64(4.0)\n", "execute_result text/plain"),
                    row(
                            "plot",
                            "df.plot.bar(x='month', y='units', title='Umsatz 😀 销售额')\nplt.show()",
                            "",
                            "display_data text/plain figure-1.png"),
                    row(
                            "display",
                            "for city, part in df.groupby('city'):\n    display(part.units.sum())",
                            "np.int64(4)\nnp.int64(8)\n",
                            "display_data text/plain",
                            "display_data text/plain"),
                    row(
                            "await",
                            "import asyncio\nasync def twice(n):\n    await asyncio.sleep(0.01)\n    return 2 * n\nawait twice(21)",
                            "42\n",
                            "execute_result text/plain"),
                    row(
                            "plotly",
                            "import plotly.express as px\npx.bar(df, x='city', y='units').show()",
                            "",
                            "display_data text/plain application/vnd.plotly.v1+json"),
                    row(
                            "config",
                            "%config InlineBackend.figure_format = 'retina'\nlen(df)",
                            "3\n",
                            "execute_result text/plain"),
                    row(
                            "last",
                            "df.groupby('city').units.sum().reset_index()",
                            "     city  units\n0  Bergen      4\n1    Oslo      8\n",
                            "execute_result text/plain text/html"));
            for (Case cell : cells) {
                Result result = session.python(Program.of(cell.code()).timeoutMs(20_000));
                assertShown(cell, result.results(), result);
            }
        }
    }

    @Test
    void isTurnedOffByTheRequest() {
        String code =
                "try: display(1)\\nexcept NameError as e: print(e)\\nimport matplotlib.pyplot as p; p.plot([1]); p.show(); p.close(); 5";
        for (String off : List.of("false", "0", "\"No\"")) {
            Result result = api.execute("{\"code\":\"%s\",\"timeout_ms\":20000,\"results\":%s}".formatted(code, off))
                    .result();
            assertThat(result.stdout()).isEqualTo("name 'display' is not defined\n5\n");
            assertThat(result.json()).doesNotContainKey("results");
            assertThat(result.files()).isEmpty();
        }
        try (Session session = Session.begin(api)) {
            JsonObject answer = api.post(
                            session.path() + "/python", "{\"code\":\"%s\",\"results\":false}".formatted(code))
                    .json();
            assertThat(answer.getString("stdout")).isEqualTo("name 'display' is not defined\n5\n");
            assertThat(answer).doesNotContainKey("results");
            assertThat(session.python("display(1)").results()).hasSize(1);
            assertThat(session.bash("true").json()).doesNotContainKey("results");
        }
        assertThat(api.execute("{\"code\":\"\",\"results\":\"maybe\"}").body())
                .contains("bool_parsing")
                .contains("\"results\"");
    }

    @Test
    void isTurnedOffByTheOperator() {
        try (ServiceProcess plain =
                ServiceProcess.start(Map.of("RESULTS_ENABLED", "false", "NOTEBOOK_SYNTAX", "false"))) {
            Result result = plain.api()
                    .execute("{\"code\":\"print('display' in dir(__builtins__)); 5\",\"results\":true}")
                    .result();
            assertThat(result.stdout()).isEqualTo("False\n5\n");
            assertThat(result.json()).doesNotContainKey("results");
            assertThat(plain.api().run("!echo hi").stderr()).contains("SyntaxError: invalid syntax");
        }
    }

    @Test
    void arrivesInOrderWithTheOutputWhileTheProgramRuns() {
        String code = """
                import time
                print('a')
                display('b')
                class Picture:
                    def _repr_png_(self): return b'PNG' * 200_000
                display(Picture())
                print('c')
                time.sleep(60)
                """;
        try (EventReader events = api.stream(Program.of(code).timeoutMs(60_000))) {
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf("c") < 0) {
                Event event = events.require();
                if (event.type().equals("display")) {
                    seen.append('*');
                    event.json()
                            .getJsonArray("files")
                            .getValuesAs(JsonObject.class)
                            .forEach(file -> {
                                assertThat(file.getInt("size_bytes")).isEqualTo(600_000);
                                assertThat(api.content(file.getString("file_id")))
                                        .hasSize(600_000);
                            });
                } else if (event.type().equals("output")) {
                    seen.append(event.text().replaceAll("\\s|<.*>|'", ""));
                }
            }
            // What display prints is printed behind what it shows.
            assertThat(seen.toString()).isEqualTo("a*b*c");
        }
    }

    @Test
    void keepsItsBounds() {
        Result result = api.run("for i in range(150): display(i)");
        assertThat(result.results()).hasSize(100);
        assertThat(result.stdout().lines()).hasSize(150);
        result = api.run("""
                class Long:
                    def __repr__(self): return 'long'
                    def _repr_html_(self): return 'x' * 600_000
                display(Long(), Long())
                """);
        assertThat(result.results().getFirst().getJsonObject("data").getString("text/html"))
                .hasSize(600_000);
        assertThat(result.results().getLast().getJsonObject("data")).containsOnlyKeys("text/plain");
        assertThat(result.results().getLast().getBoolean("truncated")).isTrue();
    }
}
