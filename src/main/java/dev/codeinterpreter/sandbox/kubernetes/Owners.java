package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who owns a sandbox, so that Kubernetes deletes it with its owner: a session belongs to our Deployment, any other to our own
 * pod, with which its stream ends.
 */
final class Owners {
    private static final System.Logger LOG = System.getLogger(Owners.class.getName());

    private final KubernetesConfig.Owners known;
    private final PodApi api;
    private volatile PodSpecs.@Nullable Owner deployment;

    Owners(KubernetesConfig.Owners known, PodApi api) {
        this.known = known;
        this.api = api;
    }

    /** Nothing when we do not run in the cluster, or in another namespace. */
    Optional<PodSpecs.Owner> of(SandboxId id) {
        if (known.pod().isPresent() && !id.isSession()) {
            return known.pod();
        }
        return known.deployment().flatMap(this::deployment);
    }

    /** Its uid has to be asked for, once. */
    private Optional<PodSpecs.Owner> deployment(String name) {
        PodSpecs.Owner owner = deployment;
        if (owner == null) {
            try {
                owner = new PodSpecs.Owner("apps/v1", "Deployment", name, api.deploymentUid(name));
                deployment = owner;
            } catch (BackendException e) {
                // It ends at its time all the same.
                LOG.log(System.Logger.Level.WARNING, "sandboxes have no owner: Deployment %s".formatted(name), e);
                return Optional.empty();
            }
        }
        return Optional.of(owner);
    }
}
