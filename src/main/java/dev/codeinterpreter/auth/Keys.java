package dev.codeinterpreter.auth;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.schedule.PeriodicTask;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Tenants;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that count now. The file is read again when its content has changed; what does not parse changes nothing, is
 * logged, and shown by /ready.
 */
@SingleInstance
public class Keys implements Tenants {
    private static final System.Logger LOG = System.getLogger(Keys.class.getName());

    /** 10,000 keys and as many tenants, with room. */
    private static final int MAX_BYTES = 8 << 20;

    private final @Nullable Path file;
    private final boolean hasTokens;
    private final boolean asks;
    private volatile KeyRing ring = KeyRing.EMPTY;
    private volatile @Nullable String problem;
    /** The content that was last judged, right or wrong; null when it could not be read. */
    private byte @Nullable [] read;

    private @Nullable PeriodicTask task;

    /** @throws InvalidSettingsException when there is a file, and it cannot be read or does not parse */
    @Inject
    Keys(AuthConfig config) {
        this(config, AuthTimings.DEFAULT);
    }

    Keys(AuthConfig config, AuthTimings timings) {
        this.file = config.keysFile().orElse(null);
        this.hasTokens = config.jwt().isPresent();
        this.asks = config.isOn();
        if (file != null) {
            try {
                read = content(file);
                ring = KeyFile.parse(read);
            } catch (IOException | KeyFileException e) {
                throw new InvalidSettingsException(
                        List.of("AUTH_KEYS_FILE %s cannot be used: %s".formatted(file, reason(e))));
            }
            task = PeriodicTask.every(timings.reload(), "keys", this::reload);
        }
    }

    KeyRing ring() {
        return ring;
    }

    /** Why the file's present content does not count; empty when it does. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    @Override
    public String only() {
        if (!asks) {
            return Caller.DEFAULT_TENANT;
        }
        Set<String> named = ring.named();
        return hasTokens || named.size() != 1 ? "" : named.iterator().next();
    }

    /** Looks whether there is something new. */
    synchronized void reload() {
        if (file == null) {
            return;
        }
        try {
            byte[] now = content(file);
            if (Arrays.equals(now, read)) {
                return;
            }
            read = now;
            ring = KeyFile.parse(now);
            problem = null;
            report();
        } catch (IOException | KeyFileException e) {
            if (e instanceof IOException) {
                // What can be read again counts again, also when it has not changed.
                read = null;
            }
            String now =
                    "AUTH_KEYS_FILE %s cannot be used, and the keys of before count on: %s".formatted(file, reason(e));
            if (!now.equals(problem)) {
                LOG.log(System.Logger.Level.ERROR, now);
            }
            problem = now;
        }
    }

    /** Writes to the log how many there are, unless there is no file. */
    public void report() {
        if (file == null) {
            return;
        }
        LOG.log(
                System.Logger.Level.INFO,
                "AUTH_KEYS_FILE {0}: {1} keys of {2} tenants",
                file,
                ring.keys().size(),
                ring.named().size());
    }

    private static byte[] content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IOException("it has more than %d MB".formatted(MAX_BYTES >> 20));
            }
            return content;
        }
    }

    private static String reason(Exception e) {
        return e instanceof KeyFileException ? String.valueOf(e.getMessage()) : e.toString();
    }

    @PreDestroy
    void close() {
        if (task != null) {
            task.close();
        }
    }
}
