package dev.codeinterpreter.harness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.Executors;

/** A proxy in front of a service that lets calls of the API pass with a key alone, as installations have one. */
public final class KeyGate implements AutoCloseable {
    private static final List<String> PASSED_ON = List.of("Content-Type", "Accept", "Origin", "Sec-Fetch-Site");
    private static final List<String> PASSED_BACK = List.of("Content-Type", "Content-Security-Policy");

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server;
    private final Api service;
    private final String key;

    private KeyGate(Api service, String key) throws IOException {
        this.service = service;
        this.key = key;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public static KeyGate start(Api service, String key) {
        try {
            return new KeyGate(service, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
        client.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            String credential = exchange.getRequestHeaders().getFirst("Authorization");
            if (path.startsWith("/v1/") && !("Bearer " + key).equals(credential)) {
                byte[] body = "{\"detail\":\"A key is needed\",\"code\":\"unauthorized\"}"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
                exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(401, body.length);
                exchange.getResponseBody().write(body);
            } else {
                passOn(exchange);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(HttpExchange exchange) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + service.port() + exchange.getRequestURI()))
                .header("X-Forwarded-Host", exchange.getRequestHeaders().getFirst("Host"))
                .method(
                        exchange.getRequestMethod(),
                        BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
        for (String name : PASSED_ON) {
            String value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) {
                request.header(name, value);
            }
        }
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        for (String name : PASSED_BACK) {
            response.headers()
                    .firstValue(name)
                    .ifPresent(value -> exchange.getResponseHeaders().set(name, value));
        }
        exchange.sendResponseHeaders(response.statusCode(), response.statusCode() == 204 ? -1 : 0);
        try (InputStream body = response.body();
                OutputStream target = exchange.getResponseBody()) {
            byte[] piece = new byte[8192];
            for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
                target.write(piece, 0, count);
                target.flush();
            }
        }
    }
}
