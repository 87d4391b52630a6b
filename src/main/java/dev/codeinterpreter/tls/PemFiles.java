package dev.codeinterpreter.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as openssl writes them. Helidon's own reader knows no keys of the form {@code EC PRIVATE
 * KEY}, and that of the JDK (JEP 470) is a preview.
 */
public final class PemFiles {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");
    /** A chain of a hundred certificates has 200 KB. */
    private static final int MAX_BYTES = 1 << 20;

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final byte[] VERSION = {0x02, 0x01, 0x00};

    private PemFiles() {}

    /**
     * All in the file, at least one, in its order.
     *
     * @throws IllegalArgumentException naming the file that cannot be read, or has none
     */
    public static List<X509Certificate> certificates(Path file) {
        return certificates(file, bytes(file));
    }

    /** As {@link #certificates(Path)}, of a file that has been read. */
    static List<X509Certificate> certificates(Path file, byte[] content) {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("%s has no certificate".formatted(file));
            }
            return certificates;
        } catch (CertificateException e) {
            throw new IllegalArgumentException("%s has no certificate that can be read".formatted(file), e);
        }
    }

    /**
     * The first private key in the file.
     *
     * @param certified the key in its certificate, which has to belong to it
     * @throws IllegalArgumentException naming the file that cannot be read, or has no such key
     */
    public static PrivateKey key(Path file, PublicKey certified) {
        return key(file, bytes(file), certified);
    }

    /** As {@link #key(Path, PublicKey)}, of a file that has been read. */
    static PrivateKey key(Path file, byte[] content, PublicKey certified) {
        Matcher matcher = KEY.matcher(new String(content, US_ASCII));
        if (!matcher.find()) {
            throw new IllegalArgumentException("%s has no private key without a password".formatted(file));
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(2));
            PrivateKey key = KeyFactory.getInstance(certified.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(
                            matcher.group(1).isEmpty() ? encoded : pkcs8(encoded, certified.getEncoded())));
            if (!belong(key, certified)) {
                throw new IllegalArgumentException("%s is not the key of its certificate".formatted(file));
            }
            return key;
        } catch (GeneralSecurityException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("%s is not the key of its certificate".formatted(file), e);
        }
    }

    /** @throws IllegalArgumentException naming the file that cannot be read or is too large */
    static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IllegalArgumentException("%s has more than %d MB".formatted(file, MAX_BYTES >> 20));
            }
            return content;
        } catch (IOException e) {
            throw new IllegalArgumentException("%s cannot be read".formatted(file), e);
        }
    }

    private static boolean belong(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(VERSION);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(VERSION);
        return signature.verify(signed);
    }

    /**
     * The older forms of keys do not say of which algorithm and curve they are. The public key does, in its first element:
     * {@code SEQUENCE {algorithm, key}}.
     */
    private static byte[] pkcs8(byte[] key, byte[] publicKey) {
        int start = headerLength(publicKey, 0);
        int end = start + headerLength(publicKey, start) + contentLength(publicKey, start);
        byte[] octets = element(OCTETS, key);
        return element(
                SEQUENCE,
                ByteBuffer.allocate(VERSION.length + end - start + octets.length)
                        .put(VERSION)
                        .put(publicKey, start, end - start)
                        .put(octets)
                        .array());
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            out.write(0x82); // in two bytes, enough for a key of any size
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static int headerLength(byte[] der, int at) {
        return (der[at + 1] & 0x80) == 0 ? 2 : 2 + (der[at + 1] & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
        if ((der[at + 1] & 0x80) == 0) {
            return der[at + 1];
        }
        int length = 0;
        for (int i = at + 2; i < at + headerLength(der, at); i++) {
            length = (length << 8) | (der[i] & 0xff);
        }
        return length;
    }
}
