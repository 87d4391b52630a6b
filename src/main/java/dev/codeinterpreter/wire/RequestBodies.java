package dev.codeinterpreter.wire;

import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.nio.file.Path;

/** Reads every JSON body of the service, with the same limits. */
@ApplicationScoped
public class RequestBodies {
    private final BodyLimits limits;
    private final Path spoolDirectory;

    @Inject
    RequestBodies(Settings settings) {
        this.limits = BodyLimits.from(settings);
        // Beside the stored files: the one place that an operator has given us to write to.
        this.spoolDirectory = Path.of(settings.text("FILE_STORAGE_DIR", "/tmp/code-interpreter-files"), "spool");
    }

    public BodyLimits limits() {
        return limits;
    }

    /** As {@link RequestBody#read}; the caller closes what it gets. */
    public RequestBody read(RequestHeaders headers, InputStream entity) {
        return RequestBody.read(headers, entity, limits, spoolDirectory);
    }
}
