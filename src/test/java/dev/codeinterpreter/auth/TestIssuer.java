package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;

/** Who signs tokens, as far as services see it: its discovery and its keys, which change. */
public final class TestIssuer implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean stalled;
    private volatile String keys = "{\"keys\":[]}";

    private TestIssuer(HttpServer server) {
        this.server = server;
    }

    public static TestIssuer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            TestIssuer issuer = new TestIssuer(server);
            server.createContext(
                    "/.well-known/openid-configuration",
                    exchange -> issuer.answer(exchange, "{\"jwks_uri\":\"%s/keys\"}".formatted(issuer.name())));
            server.createContext("/keys", exchange -> issuer.answer(exchange, issuer.keys));
            server.start();
            return issuer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RSAKey rsa(String id, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            KeyPair pair = generator.generateKeyPair();
            return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID(id)
                    .build();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A token for five minutes. */
    public static String token(RSAKey key, String issuer, String audience, String subject, String scope)
            throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .audience(audience)
                        .subject(subject)
                        .claim("scope", scope)
                        .expirationTime(Date.from(Clock.systemUTC().instant().plusSeconds(300)))
                        .build());
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    /** Its name, which is where it is found. */
    public String name() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on its key is this one. */
    public void offer(RSAKey key) {
        offer(key.toPublicJWK().toJSONString());
    }

    void offer(String... jwks) {
        keys = "{\"keys\":[%s]}".formatted(String.join(",", jwks));
    }

    /** From now on its answers do not end. */
    void stall() {
        stalled = true;
    }

    int requests() {
        return requests.get();
    }

    private void answer(HttpExchange exchange, String body) throws IOException {
        requests.incrementAndGet();
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(200, bytes.length + (stalled ? 1 : 0));
        exchange.getResponseBody().write(bytes);
        if (stalled) {
            exchange.getResponseBody().flush();
            return;
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
