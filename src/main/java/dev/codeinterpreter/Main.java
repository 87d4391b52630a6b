package dev.codeinterpreter;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.logging.LogConfig;
import dev.codeinterpreter.logging.Logs;
import dev.codeinterpreter.server.ExitStatus;
import dev.codeinterpreter.server.ServerState;
import io.helidon.common.mapper.MapperManager;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** Starts the service; a bad value in the environment is one line on standard error and exit status 2. */
public final class Main {
    private static final int FAILED = 1;
    private static final int BAD_SETTINGS = 2;

    private Main() {}

    public static void main(String[] args) {
        try {
            Settings settings = new Settings(ConfigProvider.getConfig());
            Logs.configure(LogConfig.from(settings));
            Thread.setDefaultUncaughtExceptionHandler(Main::logUncaught);
            ServerSettings.from(settings).apply();
            trustBeansXml();
            shareMappers();
            io.helidon.Main.main(args);
            if (!ServerState.isRunning()) {
                // Why, the web server has logged: most likely that the port is taken.
                System.exit(FAILED);
            }
            ExitStatus.serving();
        } catch (RuntimeException e) {
            InvalidSettingsException invalid = invalidSettings(e);
            if (invalid == null) {
                throw e;
            }
            invalid.lines().forEach(System.err::println);
            System.exit(BAD_SETTINGS);
        }
    }

    /** It is part of the program. The schema to hold it against is read at each start otherwise, which takes a fifteenth of it. */
    private static void trustBeansXml() {
        System.setProperty("org.jboss.weld.xml.disableValidating", "true");
    }

    /**
     * Otherwise Helidon makes new ones for each header that it reads as a number, which takes a fifth of a request. It asks
     * for them by a name that it wants to remove.
     */
    @SuppressWarnings({"deprecation", "removal"})
    private static void shareMappers() {
        MapperManager.global(MapperManager.create());
    }

    /**
     * Our own threads end with their exceptions handled. The threads with which the Docker transport sends to a container
     * do not: each that still has something to send when its sandbox is closed dies of that.
     */
    private static void logUncaught(Thread thread, Throwable thrown) {
        boolean transport = thread.getName().startsWith("docker-java");
        System.getLogger(Main.class.getName())
                .log(
                        transport ? System.Logger.Level.DEBUG : System.Logger.Level.ERROR,
                        "thread %s has died".formatted(thread.getName()),
                        thrown);
    }

    private static @Nullable InvalidSettingsException invalidSettings(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidSettingsException invalid) {
                return invalid;
            }
        }
        return null;
    }
}
