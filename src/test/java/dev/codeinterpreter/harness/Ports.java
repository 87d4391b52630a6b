package dev.codeinterpreter.harness;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for processes that are told where to listen. A port of the kernel's choice is one of those that it gives to clients,
 * from 32,768 on, and a client may have it again before the process binds it: these are below, and below those of
 * {@code record-start}.
 */
public final class Ports {
    private static final int FIRST = 15_000;
    private static final int COUNT = 5_000;
    /** Two runs of the tests on one machine begin apart, as their process ids do. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 997 % COUNT));

    private Ports() {}

    /** A port that nothing listens on and that this JVM has not given before, as long as there are such. */
    public static int free() {
        for (int i = 0; i < COUNT; i++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port from %d to %d is free".formatted(FIRST, FIRST + COUNT - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
