package dev.codeinterpreter.mcp.message;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The revision in which a message is answered. Before 2026-07-28 a client opens with {@code initialize}; from then on each
 * request says everything by itself.
 */
public enum Protocol {
    V2025_03_26("2025-03-26"),
    V2025_06_18("2025-06-18"),
    V2025_11_25("2025-11-25"),
    V2026_07_28("2026-07-28");

    private final String version;

    Protocol(String version) {
        this.version = version;
    }

    public String version() {
        return version;
    }

    /** Whether requests stand alone. */
    public boolean isModern() {
        return this == V2026_07_28;
    }

    /** Whether a result may have a content of type {@code resource_link}. */
    public boolean hasLinks() {
        return this != V2025_03_26;
    }

    /** The revision with this version, of those that are opened by {@code initialize}; empty when it is none of them. */
    public static Optional<Protocol> legacy(String version) {
        return Stream.of(V2025_03_26, V2025_06_18, V2025_11_25)
                .filter(known -> known.version.equals(version))
                .findFirst();
    }

    /** Whether {@code version}, a date, is later than every revision with {@code initialize}. */
    public static boolean isLaterThanLegacy(String version) {
        return version.compareTo(V2025_11_25.version) > 0;
    }
}
