package dev.codeinterpreter.sandbox;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** Picks the backend that EXECUTOR_BACKEND names. The only place that knows there are several. */
@SingleInstance
public class BackendSelection {
    private final String name;
    private final SandboxBackend backend;

    @Inject
    BackendSelection(@Any Instance<SandboxBackend> backends, Settings settings) {
        List<String> known = StreamSupport.stream(backends.handles().spliterator(), false)
                .map(handle -> handle.getBean().getName())
                .filter(Objects::nonNull)
                .sorted()
                .toList();
        this.name = settings.parsed("EXECUTOR_BACKEND", "docker", "one of " + known, text -> {
            String lower = text.toLowerCase(Locale.ROOT);
            if (!known.contains(lower)) {
                throw new IllegalArgumentException(text);
            }
            return lower;
        });
        this.backend = backends.select(NamedLiteral.of(name)).get();
    }

    /** As clients see it in {@code executor_backend}. */
    public String name() {
        return name;
    }

    public SandboxBackend backend() {
        return backend;
    }
}
