package dev.codeinterpreter.audit;

import dev.codeinterpreter.config.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * @param enabled whether there is an audit log (AUDIT_LOG is not none)
 * @param file where it is; standard error without one
 */
public record AuditConfig(boolean enabled, Optional<Path> file) {
    private static final AuditConfig NONE = new AuditConfig(false, Optional.empty());

    public static AuditConfig from(Settings settings) {
        return settings.parsed("AUDIT_LOG", NONE, "none, stderr or the path of a file", text -> switch (text) {
            case "none" -> NONE;
            case "stderr" -> new AuditConfig(true, Optional.empty());
            default -> {
                // InvalidPathException is an IllegalArgumentException.
                Path path = Path.of(text);
                if (!path.isAbsolute()) {
                    throw new IllegalArgumentException();
                }
                yield new AuditConfig(true, Optional.of(path));
            }
        });
    }
}
