package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ServiceProcess;
import java.time.Duration;

/**
 * What a service holds while nothing runs. It is the same again after every hostile program.
 *
 * @param descriptors that are open
 */
record Footprint(ServiceProcess service, long descriptors, long threads) {
    /** A JVM with a heap of 96 MB, its code and its buffers. */
    private static final long MAX_RESIDENT = 420L << 20;

    /** Connections that the service and its clients keep for the next time: four for each that ran at once. */
    private static final int POOLED = 4 * 12;

    private static final Duration CLEANING = Duration.ofSeconds(4);

    static Footprint of(ServiceProcess service) {
        return new Footprint(service, service.openDescriptors(), service.threads());
    }

    /** The next client is served, and sandboxes, files on the way, memory, descriptors and threads are given back. */
    void requireUnchanged() {
        assertThat(service.api().run("print(1 + 1)").stdout()).isEqualTo("2\n");
        service.engine().awaitNone(CLEANING);
        assertThat(service.residentBytes()).isLessThan(MAX_RESIDENT);
        Await.until("as few descriptors as before", CLEANING, () -> service.openDescriptors() <= descriptors + POOLED);
        Await.until("as few threads as before", CLEANING, () -> service.threads() <= threads + POOLED);
        Await.until(
                "no file on its way", CLEANING, () -> service.temporaryFiles().isEmpty());
    }
}
