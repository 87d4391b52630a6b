package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a pod will not run, recognised from its description as soon as it can be known.
 *
 * @param reason for clients and for the metrics
 * @param sentence for clients
 * @param detail what the cluster said, for the log
 */
record LaunchFailure(Rejection reason, String sentence, String detail) {
    private static final Set<String> IMAGE_REASONS = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ErrImageNeverPull",
            "InvalidImageName",
            "ImageInspectError",
            "RegistryUnavailable");

    private static final Set<String> CONTAINER_REASONS = Set.of(
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "CrashLoopBackOff",
            "PreCreateHookError",
            "PreStartHookError",
            "PostStartHookError");

    /** What a node cannot do, and tells in an event alone: it tries again for ever. */
    private static final Set<String> EVENT_REASONS =
            Set.of("FailedCreatePodSandBox", "FailedMount", "FailedAttachVolume", "NetworkNotReady");

    /**
     * @param age of the pod
     * @param unschedulable age before which a pod that no node has room for has not failed
     */
    static Optional<LaunchFailure> of(Pod pod, Duration age, Duration unschedulable) {
        boolean mayWait = age.compareTo(unschedulable) < 0;
        return Stream.of(
                        ofImage(pod),
                        ofContainer(pod),
                        ofEnd(pod),
                        mayWait ? Optional.<LaunchFailure>empty() : ofScheduling(pod))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** @param events about a pod that does not come to run */
    static Optional<LaunchFailure> of(List<Event> events) {
        return events.stream()
                .filter(event -> EVENT_REASONS.contains(String.valueOf(event.getReason())))
                .findFirst()
                .map(event -> new LaunchFailure(
                        Rejection.LAUNCH_FAILED,
                        "the node could not start a sandbox.",
                        "%s: %s".formatted(event.getReason(), event.getMessage())));
    }

    static LaunchFailure gone() {
        return new LaunchFailure(Rejection.SANDBOX_LOST, "a sandbox was deleted while it started.", "the pod is gone");
    }

    static LaunchFailure late(String detail) {
        return new LaunchFailure(Rejection.NOT_READY, "a sandbox did not start in time.", detail);
    }

    ServiceException toException(@Nullable Throwable cause) {
        return ServiceException.capacity(reason, sentence, new IOException(detail, cause));
    }

    private static Optional<LaunchFailure> ofImage(Pod pod) {
        return waiting(pod, IMAGE_REASONS)
                .map(state -> new LaunchFailure(
                        Rejection.IMAGE_MISSING,
                        "the executor image is not on the node and cannot be pulled.",
                        "%s: %s".formatted(state.getReason(), state.getMessage())));
    }

    private static Optional<LaunchFailure> ofContainer(Pod pod) {
        return waiting(pod, CONTAINER_REASONS)
                .map(state -> new LaunchFailure(
                        Rejection.LAUNCH_FAILED,
                        "the node could not start a sandbox.",
                        "%s: %s".formatted(state.getReason(), state.getMessage())));
    }

    private static Optional<LaunchFailure> ofEnd(Pod pod) {
        if (PodState.isAlive(pod)) {
            return Optional.empty();
        }
        if (PodState.isDeleted(pod)) {
            return Optional.of(gone());
        }
        String detail = "%s %s: %s %s"
                .formatted(
                        pod.getStatus().getPhase(),
                        pod.getStatus().getReason(),
                        pod.getStatus().getMessage(),
                        PodState.containers(pod)
                                .map(LaunchFailure::termination)
                                .flatMap(Optional::stream)
                                .toList());
        return Optional.of(new LaunchFailure(Rejection.LAUNCH_FAILED, "a sandbox ended before it was ready.", detail));
    }

    private static Optional<LaunchFailure> ofScheduling(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .filter(LaunchFailure::isUnschedulable)
                .findFirst()
                .map(condition -> new LaunchFailure(
                        Rejection.UNSCHEDULABLE,
                        "no node of the cluster has room for a sandbox.",
                        condition.getMessage()));
    }

    private static boolean isUnschedulable(PodCondition condition) {
        return "PodScheduled".equals(condition.getType())
                && "False".equals(condition.getStatus())
                && "Unschedulable".equals(condition.getReason());
    }

    private static Optional<ContainerStateWaiting> waiting(Pod pod, Set<String> reasons) {
        return PodState.containers(pod)
                .map(status -> PodState.state(status).getWaiting())
                .filter(Objects::nonNull)
                .filter(state -> state.getReason() != null && reasons.contains(state.getReason()))
                .findFirst();
    }

    private static Optional<String> termination(ContainerStatus status) {
        ContainerStateTerminated state = PodState.state(status).getTerminated();
        return state == null
                ? Optional.empty()
                : Optional.of("%s %d: %s".formatted(state.getReason(), state.getExitCode(), state.getMessage()));
    }
}
