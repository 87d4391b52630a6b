package dev.codeinterpreter.server;

import io.helidon.webserver.WebServer;
import java.lang.reflect.Field;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;

/**
 * Puts a {@link LimitedListener} into Helidon's listener, which offers no other way to it: it opens its socket itself and
 * has it in a field. It reads the field before each connection; only the first one is accepted from the socket itself.
 */
final class ListenerHook {
    private ListenerHook() {}

    /**
     * Replaces the socket of a server that has just started.
     *
     * @throws IllegalStateException when this Helidon is not the one that this was written for
     */
    static void install(WebServer server, Connections connections, Runnable onDeath) {
        try {
            for (Object listener : ((Map<?, ?>) value(server, "listeners")).values()) {
                Field field = field(listener, "serverSocket");
                field.set(
                        listener,
                        new LimitedListener(
                                (ServerSocketChannel) field.get(listener),
                                connections,
                                (Thread) value(listener, "serverThread"),
                                onDeath));
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("connections cannot be limited with this version of Helidon", e);
        }
    }

    private static Object value(Object owner, String name) throws ReflectiveOperationException {
        return field(owner, name).get(owner);
    }

    private static Field field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
