package dev.codeinterpreter.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Signatures by Ed25519 with what the JDK has: the JWT library would need another one for them. */
final class Ed25519 {
    /** RFC 8410: a public key is this and 32 bytes. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_BYTES = 32;

    private Ed25519() {}

    static boolean isSigned(OctetKeyPair key, byte[] content, byte[] signature) throws GeneralSecurityException {
        byte[] point = key.getX().decode();
        if (!Curve.Ed25519.equals(key.getCurve()) || point.length != KEY_BYTES) {
            return false;
        }
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + KEY_BYTES);
        System.arraycopy(point, 0, encoded, PREFIX.length, KEY_BYTES);
        PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(publicKey);
        verifier.update(content);
        try {
            return verifier.verify(signature);
        } catch (SignatureException e) {
            // It has not the length of one.
            return false;
        }
    }
}
