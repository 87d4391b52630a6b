package dev.codeinterpreter.run;

import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.tenant.RequestNotes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Notes which program a request runs, where that is kept: its digest, and never the program. */
public final class CodeDigest {
    private CodeDigest() {}

    /** @param code that is about to be run */
    public static void note(Text code) {
        RequestNotes notes = RequestNotes.current();
        if (!notes.areKept()) {
            return;
        }
        try (InputStream source = code.open();
                DigestOutputStream digest = new DigestOutputStream(OutputStream.nullOutputStream(), sha256())) {
            long length = source.transferTo(digest);
            notes.code(HexFormat.of().formatHex(digest.getMessageDigest().digest()), length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
