package dev.codeinterpreter.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.codeinterpreter.tenant.Scope;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges the tokens of one issuer. A token names its algorithm itself, so only four count, each with keys of its own kind:
 * with none of them can a public key be taken for a secret one. What else a token's header names (keys, places to get keys
 * from) is not looked at.
 */
final class TokenVerifier {
    private static final System.Logger LOG = System.getLogger(TokenVerifier.class.getName());

    /** An access token has some hundred bytes, one with many groups in it a few thousand. */
    private static final int MAX_LENGTH = 12_000;

    /** OpenID Connect Core, section 2, of a subject. */
    private static final int MAX_TENANT_LENGTH = 255;

    private static final int MIN_RSA_BITS = 2048;
    /** By which the clocks of an issuer and of this machine may differ. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA);
    private static final Set<JOSEObjectType> TYPES =
            Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final JwtConfig config;
    private final IssuerKeys keys;
    private final Clock clock;

    /** What a token that counts says. */
    record Token(String subject, String tenant, Set<Scope> scopes) {
        Token {
            scopes = Set.copyOf(scopes);
        }
    }

    TokenVerifier(JwtConfig config, AuthTimings timings, Clock clock) {
        this.config = config;
        this.keys = new IssuerKeys(config, timings);
        this.clock = clock;
    }

    /**
     * What a token says; nothing when it does not count.
     *
     * @throws dev.codeinterpreter.error.ServiceException CAPACITY_UNAVAILABLE when there are no keys to judge it by
     */
    Optional<Token> verify(String text) {
        if (text.length() > MAX_LENGTH || !FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            SignedJWT token = SignedJWT.parse(text);
            if (!isSound(token.getHeader()) || !isSigned(token)) {
                return Optional.empty();
            }
            return Optional.ofNullable(token.getJWTClaimsSet())
                    .filter(this::isForUs)
                    .flatMap(this::token);
        } catch (ParseException | JOSEException | GeneralSecurityException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.DEBUG, "a token is refused: {0}", e.toString());
            return Optional.empty();
        }
    }

    private static boolean isSound(JWSHeader header) {
        JOSEObjectType type = header.getType();
        return ALGORITHMS.contains(header.getAlgorithm())
                && (type == null || TYPES.contains(type))
                // What is critical there, we do not know.
                && (header.getCriticalParams() == null
                        || header.getCriticalParams().isEmpty());
    }

    private boolean isSigned(SignedJWT token) throws JOSEException, GeneralSecurityException {
        List<JWK> candidates = keys.named(token.getHeader().getKeyID()).stream()
                .filter(key -> key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse()))
                .filter(key -> key.getAlgorithm() == null
                        || key.getAlgorithm().equals(token.getHeader().getAlgorithm()))
                .toList();
        for (JWK key : candidates) {
            if (isSigned(token, key)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSigned(SignedJWT token, JWK key) throws JOSEException, GeneralSecurityException {
        JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
        boolean isRsa = algorithm.equals(JWSAlgorithm.RS256) || algorithm.equals(JWSAlgorithm.PS256);
        return switch (key) {
            case RSAKey rsa when isRsa && rsa.size() >= MIN_RSA_BITS -> token.verify(new RSASSAVerifier(rsa));
            case ECKey curve when algorithm.equals(JWSAlgorithm.ES256) -> token.verify(new ECDSAVerifier(curve));
            case OctetKeyPair edwards
            when algorithm.equals(JWSAlgorithm.EdDSA) ->
                Ed25519.isSigned(
                        edwards, token.getSigningInput(), token.getSignature().decode());
            default -> false;
        };
    }

    private boolean isForUs(JWTClaimsSet claims) {
        Instant now = clock.instant();
        return config.issuer().equals(claims.getIssuer())
                && claims.getAudience().stream().anyMatch(config.audiences()::contains)
                && claims.getExpirationTime() != null
                && now.isBefore(claims.getExpirationTime().toInstant().plus(CLOCK_SKEW))
                && !isLater(claims.getNotBeforeTime(), now)
                && !isLater(claims.getIssueTime(), now);
    }

    private static boolean isLater(@Nullable Date moment, Instant now) {
        return moment != null && now.plus(CLOCK_SKEW).isBefore(moment.toInstant());
    }

    private Optional<Token> token(JWTClaimsSet claims) {
        if (!(claims.getClaim(config.tenantClaim()) instanceof String tenant)
                || tenant.isBlank()
                || tenant.length() > MAX_TENANT_LENGTH
                || CONTROL.matcher(tenant).find()) {
            return Optional.empty();
        }
        String subject = claims.getSubject() == null
                ? tenant
                : CONTROL.matcher(claims.getSubject()).replaceAll("?");
        return Optional.of(new Token(
                subject.length() > MAX_TENANT_LENGTH ? subject.substring(0, MAX_TENANT_LENGTH) : subject,
                tenant,
                scopes(claims.getClaim(config.scopeClaim()))));
    }

    /** Words between spaces, or a list; what else a token may do elsewhere is no matter here. */
    private static Set<Scope> scopes(@Nullable Object claim) {
        Stream<String> labels = switch (claim) {
            case String text -> Arrays.stream(text.split(" "));
            case List<?> list -> list.stream().filter(String.class::isInstance).map(String.class::cast);
            case null, default -> Stream.empty();
        };
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        labels.map(Scope::parse).flatMap(Optional::stream).forEach(scopes::add);
        return scopes;
    }
}
