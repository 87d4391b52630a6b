package dev.codeinterpreter.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.stream.Stream;

/** Questions to a pod as the API describes it. */
final class PodState {
    private PodState() {}

    /** Its container runs, and nobody has asked it to end. */
    static boolean isRunning(Pod pod) {
        return !isDeleted(pod)
                && mainContainers(pod).stream().anyMatch(status -> state(status).getRunning() != null);
    }

    /** A node has been chosen for it, which is about to make it. */
    static boolean isPlaced(Pod pod) {
        return pod.getSpec().getNodeName() != null && !isDeleted(pod);
    }

    /** The node has confirmed that no process of it is left. */
    static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus().getPhase();
        if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
            return true;
        }
        return !mainContainers(pod).isEmpty()
                && containers(pod).allMatch(status -> state(status).getTerminated() != null);
    }

    /** A node is at work on it and has said nothing of its containers yet. */
    static boolean isUnreported(Pod pod) {
        return isPlaced(pod) && hasNeverRun(pod);
    }

    /** Its image is not there, for example. */
    static boolean hasNeverRun(Pod pod) {
        return containers(pod)
                .allMatch(status ->
                        state(status).getRunning() == null && state(status).getTerminated() == null);
    }

    /** Somebody has asked for its end. */
    static boolean isDeleted(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** Nobody has asked for its end, and it has not come by itself: it runs or will. */
    static boolean isAlive(Pod pod) {
        return !isDeleted(pod) && !hasEnded(pod);
    }

    static Stream<ContainerStatus> containers(Pod pod) {
        return Stream.concat(pod.getStatus().getInitContainerStatuses().stream(), mainContainers(pod).stream());
    }

    static ContainerState state(ContainerStatus status) {
        return status.getState() == null ? new ContainerState() : status.getState();
    }

    private static List<ContainerStatus> mainContainers(Pod pod) {
        return pod.getStatus().getContainerStatuses();
    }
}
