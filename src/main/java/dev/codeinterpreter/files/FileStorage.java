package dev.codeinterpreter.files;

import java.util.Locale;

/** The values of FILE_STORAGE. */
public enum FileStorage {
    /** A directory of this process. */
    LOCAL,
    /** A directory of several processes and hosts. */
    SHARED,
    /** A bucket. */
    S3;

    /** In lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
