package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in the store, on their way into a workspace, and back. */
@Timeout(60)
class FilesIT {
    private static final String NOBODYS = "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11";

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_FILE_SIZE_MB", "1"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Api api() {
        return service.api();
    }

    @Test
    void storesListsDownloadsAndDeletes() {
        Answer stored = api().tryUpload("data.csv", BodyPublishers.ofString("a,b\n1,2\n"));
        assertThat(stored.status()).isEqualTo(201);
        String id = stored.json().getString("file_id");
        assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(stored.compact())
                .isEqualTo("{\"file_id\":\"%s\",\"filename\":\"data.csv\",\"size_bytes\":8}".formatted(id));

        JsonObject newest = api().get("/v1/files").json().getJsonArray("files").getJsonObject(0);
        assertThat(newest.keySet()).containsExactly("file_id", "filename", "size_bytes", "upload_time");
        assertThat(newest.getString("file_id")).isEqualTo(id);
        assertThat(newest.getString("filename")).isEqualTo("data.csv");
        assertThat(newest.getInt("size_bytes")).isEqualTo(8);
        assertThat(newest.getJsonNumber("upload_time").doubleValue()).isBetween(now() - 60, now() + 1);

        Answer content = api().get("/v1/files/" + id);
        assertThat(content.status()).isEqualTo(200);
        assertThat(content.body()).isEqualTo("a,b\n1,2\n");
        assertThat(content.header("content-type")).contains("application/octet-stream");
        assertThat(content.header("content-length")).contains("8");
        assertThat(content.header("x-content-type-options")).contains("nosniff");
        assertThat(content.header("content-disposition"))
                .contains("attachment; filename=\"data.csv\"; filename*=UTF-8''data.csv");

        Answer deleted = api().delete("/v1/files/" + id);
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        for (Answer gone : List.of(api().get("/v1/files/" + id), api().delete("/v1/files/" + id))) {
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.body())
                    .isEqualTo("{\"detail\":\"File with ID '%s' not found\",\"code\":\"not_found\"}".formatted(id));
        }
    }

    private static double now() {
        return Clock.systemUTC().millis() / 1e3;
    }

    @Test
    void keepsSeveralFilesOfOneName() {
        String first = api().upload("same", "1");
        String second = api().upload("same", "2");
        assertThat(second).isNotEqualTo(first);
        assertThat(api().content(first) + api().content(second)).isEqualTo("12");
    }

    @Test
    void pagesTheListFromTheNewest() {
        List<String> ids =
                Stream.of("1", "2", "3").map(name -> api().upload(name, name)).toList();
        assertThat(ids("?limit=2")).containsExactly(ids.get(2), ids.get(1));
        assertThat(ids("?limit=1&after=" + ids.get(2))).containsExactly(ids.get(1));
        assertThat(api().get("/v1/files?after=" + NOBODYS).status()).isEqualTo(404);
        assertThat(api().get("/v1/files?limit=0").status()).isEqualTo(422);
        assertThat(api().get("/v1/files?limit=x").status()).isEqualTo(422);
    }

    private static List<String> ids(String query) {
        return api().get("/v1/files" + query).json().getJsonArray("files").stream()
                .map(JsonValue::asJsonObject)
                .map(file -> file.getString("file_id"))
                .toList();
    }

    /** Names as they are in the form, and the header under which they come back. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            plain.txt           | filename="plain.txt"; filename*=UTF-8''plain.txt
            two words.txt       | filename="two words.txt"; filename*=UTF-8''two%20words.txt
            報告.csv            | filename="__.csv"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.csv
            \uD83D\uDE00.png    | filename="_.png"; filename*=UTF-8''%F0%9F%98%80.png
            ../../etc/passwd    | filename=".._.._etc_passwd"; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd
            a;b=c               | filename="a_b=c"; filename*=UTF-8''a%3Bb%3Dc
            50%.txt             | filename="50_.txt"; filename*=UTF-8''50%25.txt
            C:\\dir\\x.txt      | filename="C:_dir_x.txt"; filename*=UTF-8''C%3A%5Cdir%5Cx.txt
            <script>.html       | filename="<script>.html"; filename*=UTF-8''%3Cscript%3E.html
            it's (1)*.txt       | filename="it's (1)*.txt"; filename*=UTF-8''it%27s%20%281%29%2A.txt
            ..                  | filename=".."; filename*=UTF-8''..
            .env                | filename=".env"; filename*=UTF-8''.env
            %41                 | filename="_41"; filename*=UTF-8''%2541
            ``                  | filename="unnamed"; filename*=UTF-8''unnamed
            e\u0301\u202Etxt.exe | filename="e__txt.exe"; filename*=UTF-8''e%CC%81%E2%80%AEtxt.exe
            """)
    void keepsAnyName(String name, String disposition) {
        String id = api().upload(name, "x");
        Answer answer = api().get("/v1/files/" + id);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-disposition")).contains("attachment; " + disposition);
        assertThat(service.stored().keySet()).contains(id + "/content").noneMatch(path -> path.contains(".."));
    }

    @Test
    void keepsTheNamesOfOutputFilesOutOfTheHeadersSyntax() {
        String path = "a\r\nX-Evil: 1\"\\\u0080\u2028.csv";
        Result result = api().run("open('a\\r\\nX-Evil: 1\"\\\\\\x80\\u2028.csv', 'w').close()");
        assertThat(result.files().keySet()).containsExactly(path);
        Answer answer = api().get("/v1/files/" + result.file(path));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).doesNotContainKey("x-evil");
        assertThat(answer.header("content-disposition"))
                .contains("attachment; filename=\"a__X-Evil: 1____.csv\"; "
                        + "filename*=UTF-8''a%0D%0AX-Evil%3A%201%22%5C%C2%80%E2%80%A8.csv");
    }

    /** Names without end would make headers that no proxy passes on. */
    @Test
    void cutsALongNameInTheHeaderAndRefusesALongerOne() {
        String name = "\u20ac".repeat(1024);
        Answer answer = api().get("/v1/files/" + api().upload(name, "x"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-disposition"))
                .contains("attachment; filename=\"%s\"; filename*=UTF-8''%s"
                        .formatted("_".repeat(120), "%E2%82%AC".repeat(341)));
        assertThat(api().get("/v1/files").body()).contains("\"" + name + "\"");
        Answer refused = api().tryUpload(name + "x", BodyPublishers.ofString("x"));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.detail()).isEqualTo("File name exceeds maximum of 1024 characters");
    }

    /** Nothing but a UUID comes near the file system. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                NOBODYS,
                "x",
                "..",
                "...",
                "%2e%2e",
                "..%2f..%2fetc%2fpasswd",
                "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
                "%2Fetc%2Fpasswd",
                "incoming",
                ".lock",
                "%00",
                NOBODYS + "%00",
                NOBODYS + ".meta.json",
                NOBODYS + "%2Fcontent",
                NOBODYS + ";a=b",
                "1-1-1-1-1",
                "%E2%82%AC"
            })
    void findsNothingUnder(String id) {
        for (String method : List.of("GET", "DELETE")) {
            Answer answer = api().send(method, "/v1/files/" + id, Map.of(), "");
            assertThat(answer.status()).as(answer.toString()).isIn(404, 400, 405);
            assertThat(answer.body()).startsWith("{\"detail\":\"");
        }
    }

    @Test
    void takesAnIdInUpperCase() {
        String id = api().upload("x", "content");
        assertThat(api().content(id.toUpperCase(Locale.ROOT))).isEqualTo("content");
    }

    @Test
    void storesAFileOfExactlyTheLimitAndNoByteMore() {
        assertThat(api().tryUpload("x", BodyPublishers.ofByteArray(new byte[1 << 20]))
                        .status())
                .isEqualTo(201);
        Answer answer = api().tryUpload("x", BodyPublishers.ofByteArray(new byte[(1 << 20) + 1]));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body())
                .isEqualTo("{\"detail\":\"File size exceeds maximum of 1 MB\",\"code\":\"too_large\"}");
        assertThat(service.stored().keySet()).noneMatch(path -> path.startsWith("incoming/"));
    }

    @Test
    void refusesAMuchTooLongUploadThatTheClientIsStillSending() {
        Answer known = api().tryUpload("x", BodyPublishers.ofByteArray(new byte[20 << 20]));
        assertThat(known.status()).isEqualTo(413);
        Answer chunked =
                api().tryUpload("x", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[20 << 20])));
        assertThat(chunked.status()).isEqualTo(413);
    }

    @Test
    void storesAnEmptyFile() {
        assertThat(api().content(api().upload("empty", ""))).isEmpty();
    }

    /** @param answer the whole body */
    record Form(String name, String form, int status, String answer) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Form> forms() {
        String missing = """
                {"detail":[{"type":"missing","loc":["body","file"],"msg":"Field required","input":null}],"code":"invalid_request"}""";
        String unreadable = """
                {"detail":"There was an error parsing the body","code":"malformed_body"}""";
        return Stream.of(
                new Form("no part", "--{b}--\n", 422, missing),
                new Form("another part", """
                        --{b}
                        Content-Disposition: form-data; name="data"; filename="x"

                        content
                        --{b}--
                        """, 422, missing),
                new Form("no end", """
                        --{b}
                        Content-Disposition: form-data; name="file"; filename="x"

                        content""", 400, unreadable),
                new Form("no boundary", "hello", 422, missing));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void refusesABadForm(Form row) {
        Answer answer = api().sendForm(row.form());
        assertThat(answer.status()).as(answer.toString()).isEqualTo(row.status());
        assertThat(answer.compact()).isEqualTo(Answer.compact(row.answer()));
        assertThat(service.stored().keySet()).noneMatch(path -> path.startsWith("incoming/"));
    }

    @Test
    void refusesWhatIsNoForm() {
        Answer answer = api().send("POST", "/v1/files", Map.of("Content-Type", "application/json"), "{}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.compact()).isEqualTo("""
                {"detail":[{"type":"missing","loc":["body","file"],"msg":"Field required","input":null}],"code":"invalid_request"}""");
    }

    @Test
    void returnsNewAndChangedFilesOnly() {
        String input = api().upload("x", "as it was");
        Result result = api().run(Program.of("""
                        import os
                        open('changed', 'w').write('as it is!')
                        open('rewritten', 'w').write('as it was')
                        os.remove('deleted')
                        os.remove('replaced'); os.mkdir('replaced'); open('replaced/child', 'w').write('child')
                        os.rename('moved', 'elsewhere')
                        open('new', 'w').write('new')
                        """)
                .file("unchanged", input)
                .file("changed", input)
                .file("rewritten", input)
                .file("deleted", input)
                .file("replaced", input)
                .file("moved", input));
        assertThat(result.exited(0)).as(result.toString()).isTrue();
        assertThat(result.files().keySet()).containsExactly("changed", "elsewhere", "new", "replaced/child");
        assertThat(api().content(result.file("changed"))).isEqualTo("as it is!");
        assertThat(api().content(result.file("elsewhere"))).isEqualTo("as it was");
        assertThat(api().content(result.file("replaced/child"))).isEqualTo("child");
        assertThat(api().content(input)).isEqualTo("as it was");
        assertThat(ids("")).containsAll(result.files().values());
    }

    @Test
    void namesFilesTruly() {
        Result result = api().run("""
                import os
                os.makedirs('pkg')
                for name in ('.env', '..x', '...', '..hidden', 'pkg/__main__.py', '__MAIN__.PY', '-rf', '$(id)', '*', 'a b', 'b\\\\c', '%2e%2e', '\u20ac'):
                    open(name, 'w').write(name)
                """);
        assertThat(result.files().keySet())
                .containsExactlyInAnyOrder(
                        ".env",
                        "..x",
                        "...",
                        "..hidden",
                        "pkg/__main__.py",
                        "__MAIN__.PY",
                        "-rf",
                        "$(id)",
                        "*",
                        "a b",
                        "b\\c",
                        "%2e%2e",
                        "\u20ac");
        result.files().forEach((path, id) -> assertThat(api().content(id)).isEqualTo(path));
    }

    @Test
    void returnsNothingButRegularFiles() {
        Result result = api().run("""
                import os, socket
                os.mkdir('directory'); os.mkfifo('pipe'); os.symlink('/etc/passwd', 'link'); os.symlink('real', 'link2')
                server = socket.socket(socket.AF_UNIX); server.bind('socket')
                open('real', 'w').write('x')
                open('__main__.py', 'w').write('overwritten')
                """);
        assertThat(result.files().keySet()).containsExactly("real");
        assertThat(result.skipped())
                .isEqualTo(Map.of("pipe", "special", "link", "symlink", "link2", "symlink", "socket", "special"));
    }

    /** As a model that has learned OpenAI's interpreter writes it. */
    @Test
    void takesMntDataForTheWorkspace() {
        Result result = api().run(Program.of("""
                        import os, pandas
                        table = pandas.read_csv('/mnt/data/in/x.csv')
                        os.makedirs('/mnt/data/out', exist_ok=True)
                        table.sum().to_json('/mnt/data/out/sum.json')
                        print(sorted(os.listdir('/mnt/data')), os.path.realpath('/mnt/data/out'))
                        """)
                .file("in/x.csv", api().upload("x.csv", "a,b\n1,2\n3,4\n"))
                .timeoutMs(20_000));
        assertThat(result.stdout()).as(result.toString()).isEqualTo("['__main__.py', 'in', 'out'] /workspace/out\n");
        assertThat(result.files()).containsOnlyKeys("out/sum.json");
        assertThat(api().content(result.file("out/sum.json"))).isEqualTo("{\"a\":4,\"b\":6}");
        assertThat(result.skipped()).isEmpty();
    }

    /** Its user will look for them; caches are nobody's. */
    @Test
    void namesFilesThatAreLeftElsewhere() {
        Result result = api().run(Program.of("""
                        import os
                        import matplotlib.pyplot as plot
                        plot.plot([1, 2]); plot.savefig('/tmp/chart.png')
                        os.makedirs('/tmp/out'); open('/tmp/out/table.csv', 'w').write('a,b')
                        os.makedirs('/tmp/.cache'); open('/tmp/.cache/x', 'w').write('x')
                        """).timeoutMs(20_000));
        assertThat(result.exited(0)).as(result.toString()).isTrue();
        assertThat(result.files()).isEmpty();
        assertThat(result.skipped())
                .isEqualTo(Map.of("/tmp/chart.png", "outside_workspace", "/tmp/out/table.csv", "outside_workspace"));
    }

    @Test
    void returnsFilesOfAProgramThatTimedOut() {
        Result result = api().run(Program.of("open('x', 'w').write('early'); import time; time.sleep(60)")
                .timeoutMs(500));
        assertThat(result.timedOut()).isTrue();
        assertThat(api().content(result.file("x"))).isEqualTo("early");
    }

    @ParameterizedTest
    @CsvSource({
        "./a//b/./c,a/b/c",
        "a,a",
        "a/,a",
        "././.env,.env",
        "a\\b,a\\b",
        "..a/b..,..a/b..",
        "~root,~root",
        "%2e%2e%2fetc,%2e%2e%2fetc",
        "pkg/__main__.py,pkg/__main__.py",
        "__MAIN__.PY,__MAIN__.PY",
        "-rf,-rf"
    })
    void normalisesPaths(String path, String found) {
        String id = api().upload("x", "content");
        Result result = api().run(Program.of("""
                import os
                for directory, _, names in os.walk('.'):
                    for name in names:
                        if os.path.join(directory, name) != './__main__.py':
                            print(os.path.relpath(os.path.join(directory, name)))
                """).file(path, id));
        assertThat(result.stdout()).as(result.toString()).isEqualTo(found + "\n");
    }
}
