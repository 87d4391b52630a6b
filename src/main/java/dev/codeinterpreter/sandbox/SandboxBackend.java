package dev.codeinterpreter.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Something that launches containers. Implementations are CDI beans whose {@code @Named} is a value of EXECUTOR_BACKEND;
 * they are safe for use by many threads.
 */
public interface SandboxBackend {

    /**
     * Launches a container and connects to its main process. The caller owns the sandbox and closes it; when the caller's
     * process dies, the container ends by itself because its channel does.
     *
     * @throws dev.codeinterpreter.error.ServiceException CAPACITY_UNAVAILABLE when the engine cannot give one; nothing of a
     *     failed launch is left behind
     */
    Sandbox launch(SandboxSpec spec);

    /**
     * Opens another channel into a running session of a tenant, to a process that {@code command} starts in it. The caller
     * closes the channel; the session goes on.
     *
     * @param tenantLabel whose it is, see {@link SandboxLabels#tenant}
     * @return nothing when there is no such container, it does not run, or it is not a session of ours and of that tenant:
     *     such a container is not touched
     */
    Optional<SandboxChannel> connect(SandboxId session, String tenantLabel, List<String> command);

    /**
     * Ends a sandbox of a tenant with everything in it, whichever process of ours launched it. Returns when it is gone.
     *
     * @param tenantLabel whose it is, see {@link SandboxLabels#tenant}
     * @return false when there is no such container, it does not run, or it is not a sandbox of ours, of that tenant and of
     *     the kind that its id says: such a container is not touched
     */
    boolean remove(SandboxId id, String tenantLabel);

    /** Waits for at most {@code timeout} and returns whether the session has ended: one that is ending is there for a moment. */
    boolean awaitGone(SandboxId session, Duration timeout);

    /** Every running sandbox on the engine that says when it is over, whichever process of ours launched it. */
    List<SandboxSummary> list();

    /**
     * What a launch would use now, such as the image's digest. A sandbox that waits for a run is stale when it was launched
     * at another revision.
     *
     * @return empty when the engine does not answer now
     */
    String revision();

    /** The same at every call. */
    BackendTraits traits();

    /** Asks the engine, waiting no longer than {@code timeout}; never throws. */
    BackendHealth check(Duration timeout);
}
