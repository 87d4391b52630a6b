package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Scope;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of a small issuer that rotates its keys, and of one that lies. */
class TokenVerifierTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final RSAKey RSA = TestIssuer.rsa("one", 2048);

    private final TestIssuer issuer = TestIssuer.start();

    @AfterEach
    void stop() {
        issuer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256"})
    void takesATokenOfTheIssuer(String algorithm) throws JOSEException {
        issuer.offer(RSA);
        String token = rsa(RSA, header(algorithm, "one"), claims(c -> c));
        assertThat(verifier().verify(token))
                .contains(new TokenVerifier.Token("ann", "ann", Set.of(Scope.EXECUTE, Scope.FILES)));
    }

    @Test
    void takesEllipticCurvesAndEdwards() throws JOSEException, GeneralSecurityException {
        ECKey curve = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        issuer.offer(curve.toPublicJWK().toJSONString(), edwards((EdECPublicKey) edwards.getPublic()));
        SignedJWT es256 = new SignedJWT(header("ES256", "ec"), claims(c -> c));
        es256.sign(new ECDSASigner(curve));
        assertThat(verifier().verify(es256.serialize())).isPresent();

        SignedJWT unsigned = new SignedJWT(header("EdDSA", "ed"), claims(c -> c));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(edwards.getPrivate());
        signer.update(unsigned.getSigningInput());
        String content = new String(unsigned.getSigningInput(), UTF_8);
        assertThat(verifier().verify(content + "." + Base64URL.encode(signer.sign())))
                .isPresent();
        assertThat(verifier().verify(content + "." + Base64URL.encode(new byte[64])))
                .isEmpty();
        assertThat(verifier().verify(content + "." + Base64URL.encode(new byte[3])))
                .isEmpty();
    }

    @Test
    void readsTheClaimsThatSettingsName() throws JOSEException {
        issuer.offer(RSA);
        JwtConfig config = new JwtConfig(issuer.name(), List.of("other", "ci"), Optional.empty(), "org", "permissions");
        String token = rsa(
                RSA,
                header("RS256", "one"),
                claims(c -> c.claim("org", "Acme Ltd").claim("permissions", List.of("sessions", 7, "admin"))));
        assertThat(new TokenVerifier(config, AuthTimings.DEFAULT, CLOCK).verify(token))
                .contains(new TokenVerifier.Token("ann", "Acme Ltd", Set.of(Scope.SESSIONS)));
    }

    @Test
    void refusesWhatIsNotForUsOrNotNow() throws JOSEException {
        issuer.offer(RSA);
        refuses("another audience", c -> c.audience("elsewhere"));
        refuses("no audience", c -> c.audience((String) null));
        refuses("another issuer", c -> c.issuer("http://evil.example"));
        refuses("expired", c -> c.expirationTime(Date.from(NOW.minusSeconds(61))));
        refuses("no end", c -> c.expirationTime(null));
        refuses("not yet", c -> c.notBeforeTime(Date.from(NOW.plusSeconds(61))));
        refuses("issued tomorrow", c -> c.issueTime(Date.from(NOW.plusSeconds(86_400))));
        refuses("no subject", c -> c.subject(null));
        refuses("a blank subject", c -> c.subject(" "));
        refuses("a subject with a line feed", c -> c.subject("a\nb"));
        refuses("a long subject", c -> c.subject("s".repeat(256)));
        takes(c -> c.expirationTime(Date.from(NOW.minusSeconds(59))));
        takes(c -> c.notBeforeTime(Date.from(NOW.plusSeconds(59))));
    }

    @Test
    void refusesWhatIsNotSignedByTheIssuer() throws JOSEException {
        issuer.offer(RSA);
        JWTClaimsSet claims = claims(c -> c);
        assertThat(verifier().verify(new PlainJWT(claims).serialize() + "x")).isEmpty();
        assertThat(verifier().verify(new PlainJWT(claims).serialize())).isEmpty();
        // The public key, of which everybody has the bytes, as the secret of an HMAC.
        SignedJWT confused = new SignedJWT(header("HS256", "one"), claims);
        confused.sign(new MACSigner(RSA.toPublicJWK().toJSONString().getBytes(UTF_8)));
        assertThat(verifier().verify(confused.serialize())).isEmpty();
        RSAKey own = TestIssuer.rsa("one", 2048);
        assertThat(verifier().verify(rsa(own, header("RS256", "one"), claims)))
                .as("another key, same id")
                .isEmpty();
        JWSHeader withKey = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("mine")
                .jwk(own.toPublicJWK())
                .jwkURL(URI.create(issuer.name() + "/mine"))
                .build();
        assertThat(verifier().verify(rsa(own, withKey, claims)))
                .as("a key that it brings along")
                .isEmpty();
        for (String id : List.of("../../etc/passwd", "one' OR 1=1 --", "http://evil.example/jwks", "")) {
            assertThat(verifier().verify(rsa(own, header("RS256", id), claims)))
                    .as(id)
                    .isEmpty();
        }
        String good = rsa(RSA, header("RS256", "one"), claims);
        assertThat(verifier().verify(good.substring(0, good.length() - 4) + "AAAA"))
                .isEmpty();
        assertThat(verifier().verify(good + "." + good)).isEmpty();
        assertThat(verifier().verify("e30.e30.")).isEmpty();
        assertThat(verifier().verify("a.b.c")).isEmpty();
        assertThat(verifier().verify(good + "A".repeat(10_000_000))).isEmpty();
        JWSHeader critical = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("one")
                .criticalParams(Set.of("exp"))
                .customParam("exp", 1)
                .build();
        assertThat(verifier().verify(rsa(RSA, critical, claims))).isEmpty();
        JWSHeader type = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("one")
                .type(new JOSEObjectType("dpop+jwt"))
                .build();
        assertThat(verifier().verify(rsa(RSA, type, claims))).isEmpty();
    }

    @Test
    void refusesAShortKeyEvenOfTheIssuer() throws JOSEException {
        RSAKey small = TestIssuer.rsa("small", 1024);
        issuer.offer(small);
        SignedJWT token = new SignedJWT(header("RS256", "small"), claims(c -> c));
        token.sign(new RSASSASigner(small.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance())));
        assertThat(verifier().verify(token.serialize())).isEmpty();
    }

    @Test
    void fetchesAgainForAKeyThatIsNewButNotForEachThatIsUnknown() throws JOSEException {
        issuer.offer(RSA);
        AuthTimings timings = new AuthTimings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ZERO,
                Duration.ofHours(1));
        TokenVerifier eager = new TokenVerifier(config(), timings, CLOCK);
        assertThat(eager.verify(rsa(RSA, header("RS256", "one"), claims(c -> c))))
                .isPresent();
        RSAKey next = TestIssuer.rsa("two", 2048);
        issuer.offer(next);
        assertThat(eager.verify(rsa(next, header("RS256", "two"), claims(c -> c))))
                .isPresent();
        assertThat(eager.verify(rsa(RSA, header("RS256", "one"), claims(c -> c))))
                .as("the key that was taken back")
                .isEmpty();

        TokenVerifier usual = verifier();
        assertThat(usual.verify(rsa(next, header("RS256", "two"), claims(c -> c))))
                .isPresent();
        int before = issuer.requests();
        for (int i = 0; i < 100; i++) {
            assertThat(usual.verify(rsa(next, header("RS256", "unknown" + i), claims(c -> c))))
                    .isEmpty();
        }
        assertThat(issuer.requests()).isEqualTo(before);
    }

    @Test
    @Timeout(30)
    void doesNotWaitForAnAnswerThatDoesNotEnd() throws JOSEException {
        issuer.offer(RSA);
        issuer.stall();
        AuthTimings timings = new AuthTimings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                Duration.ofMinutes(1),
                Duration.ofHours(1));
        String token = rsa(RSA, header("RS256", "one"), claims(c -> c));
        assertThatThrownBy(() -> new TokenVerifier(config(), timings, CLOCK).verify(token))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE));
    }

    @Test
    void cannotJudgeWithoutTheIssuer() throws JOSEException {
        issuer.close();
        String token = rsa(RSA, header("RS256", "one"), claims(c -> c));
        assertThatThrownBy(() -> verifier().verify(token))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE));
    }

    private void refuses(String what, UnaryOperator<JWTClaimsSet.Builder> change) throws JOSEException {
        assertThat(verifier().verify(rsa(RSA, header("RS256", "one"), claims(change))))
                .as(what)
                .isEmpty();
    }

    private void takes(UnaryOperator<JWTClaimsSet.Builder> change) throws JOSEException {
        assertThat(verifier().verify(rsa(RSA, header("RS256", "one"), claims(change))))
                .isPresent();
    }

    private TokenVerifier verifier() {
        return new TokenVerifier(config(), AuthTimings.DEFAULT, CLOCK);
    }

    private JwtConfig config() {
        return new JwtConfig(issuer.name(), List.of("ci"), Optional.empty(), "sub", "scope");
    }

    private JWTClaimsSet claims(UnaryOperator<JWTClaimsSet.Builder> change) {
        return change.apply(new JWTClaimsSet.Builder()
                        .issuer(issuer.name())
                        .audience("ci")
                        .subject("ann")
                        .claim("scope", "openid execute files")
                        .issueTime(Date.from(NOW))
                        .expirationTime(Date.from(NOW.plusSeconds(300))))
                .build();
    }

    private static JWSHeader header(String algorithm, String keyId) {
        return new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID(keyId).build();
    }

    private static String rsa(RSAKey key, JWSHeader header, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private static String edwards(EdECPublicKey key) {
        byte[] encoded = key.getEncoded();
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":\"%s\"}"
                .formatted(Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
    }
}
