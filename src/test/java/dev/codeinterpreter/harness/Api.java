package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A client that knows the service's paths and believes nothing of its answers. */
public final class Api {
    /** Against hanging only. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** On a connection of the test's own. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");
    private static final String BOUNDARY = "-----------------------------code-interpreter-test";
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final Map<String, String> FORM = Map.of("Content-Type", "multipart/form-data; boundary=" + BOUNDARY);

    private final int port;
    private final String scheme;
    private final HttpClient client;

    public Api(int port) {
        this(port, "http", HttpClient.newBuilder());
    }

    private Api(int port, String scheme, HttpClient.Builder client) {
        this.port = port;
        this.scheme = scheme;
        this.client = client.version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** Of a port that speaks HTTPS, with what the client trusts. */
    public static Api overTls(int port, SSLContext context) {
        return new Api(port, "https", HttpClient.newBuilder().sslContext(context));
    }

    /** Where a path of the service is. */
    public URI uri(String path) {
        return URI.create("%s://127.0.0.1:%d%s".formatted(scheme, port, path));
    }

    public Result run(String code) {
        return run(Program.of(code));
    }

    public Result run(Program program) {
        return execute(program).result();
    }

    public Answer execute(Program program) {
        return execute(program.toJson().toString());
    }

    public Answer execute(String json) {
        return post("/v1/execute", json);
    }

    public Answer post(String path, String json) {
        return send("POST", path, JSON, json);
    }

    public EventReader stream(Program program) {
        return stream("/v1/execute/stream", program.toJson().toString());
    }

    /** Opens a stream of events; the caller closes it. Whatever is no stream fails the test. */
    public EventReader stream(String path, String json) {
        HttpResponse<InputStream> response =
                exchange(request("POST", path, JSON, BodyPublishers.ofString(json)), BodyHandlers.ofInputStream());
        return EventReader.of(response);
    }

    /** Stores a file and gives its id. */
    public String upload(String name, String content) {
        return upload(name, BodyPublishers.ofString(content));
    }

    public String upload(String name, BodyPublisher content) {
        Answer answer = tryUpload(name, content);
        if (answer.status() != 201) {
            throw new AssertionError("not stored: " + answer);
        }
        return answer.json().getString("file_id");
    }

    /** Sends the form that a browser would; a quote in {@code name} is escaped as browsers do. */
    public Answer tryUpload(String name, BodyPublisher content) {
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        .formatted(BOUNDARY, name.replace("\"", "%22"));
        return sendForm(BodyPublishers.concat(
                BodyPublishers.ofString(head), content, BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")));
    }

    /** Sends a form whose parts the caller has written, with {@code {b}} for the boundary and plain line feeds. */
    public Answer sendForm(String body) {
        return sendForm(BodyPublishers.ofString(body.replace("{b}", BOUNDARY).replace("\n", "\r\n")));
    }

    /** The content of a stored file; the caller closes the stream. */
    public HttpResponse<InputStream> download(String id) {
        return exchange(
                request("GET", "/v1/files/" + id, Map.of(), BodyPublishers.noBody()), BodyHandlers.ofInputStream());
    }

    public String content(String id) {
        return get("/v1/files/" + id).body();
    }

    public Answer get(String path) {
        return send("GET", path, Map.of(), "");
    }

    public Answer delete(String path) {
        return send("DELETE", path, Map.of(), "");
    }

    public Answer send(String method, String path, Map<String, String> headers, String body) {
        return send(method, path, headers, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    public Answer send(String method, String path, Map<String, String> headers, BodyPublisher body) {
        return Answer.of(exchange(request(method, path, headers, body), BodyHandlers.ofString(UTF_8)));
    }

    /** Bytes for which no client library exists. */
    public Socket connect() throws IOException {
        return connect(new Socket());
    }

    /** Connects a socket that the test has made its own settings on. */
    public Socket connect(Socket socket) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        socket.setSoTimeout((int) SILENCE.toMillis());
        return socket;
    }

    /** Sends {@code bytes} and gives the head and the body of the answer; empty when the service just hangs up. */
    public String raw(byte[] bytes) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes);
            return answer(socket);
        }
    }

    /** The next answer on a connection, which may stay open behind it. */
    public static String answer(Socket socket) throws IOException {
        String head = head(socket);
        Matcher length = CONTENT_LENGTH.matcher(head);
        return head
                + (length.find()
                        ? new String(socket.getInputStream().readNBytes(Integer.parseInt(length.group(1))), UTF_8)
                        : "");
    }

    /** The head of the next answer, with the empty line behind it; less when the connection ends before. */
    public static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                break;
            }
            head.append((char) c);
        }
        return head.toString();
    }

    /** Sends a program and leaves the answer to the socket's owner. */
    public Socket begin(Program program) throws IOException {
        return begin("/v1/execute", program.toJson().toString());
    }

    /** Sends a request and leaves the answer to the socket's owner. */
    public Socket begin(String path, String json) throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write(request(path, json));
        return socket;
    }

    /** The bytes of a request, for a connection that is the test's own. */
    public static byte[] request(String path, String json, String... headers) {
        StringBuilder text = new StringBuilder("POST %s HTTP/1.1\r\nHost: localhost\r\n".formatted(path));
        text.append("Content-Type: application/json\r\nContent-Length: %d\r\n".formatted(json.getBytes(UTF_8).length));
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").append(json).toString().getBytes(UTF_8);
    }

    public int port() {
        return port;
    }

    private Answer sendForm(BodyPublisher body) {
        return send("POST", "/v1/files", FORM, body);
    }

    private HttpRequest request(String method, String path, Map<String, String> headers, BodyPublisher body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path)).method(method, body).timeout(TIMEOUT);
        headers.forEach(request::header);
        return request.build();
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(request + " had no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted during " + request, e);
        }
    }
}
