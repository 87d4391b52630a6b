package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.Rejection;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pods look like that never come to run, in the words that clusters have been seen to use. */
class LaunchFailureTest {
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** A pod that is just ending may still hold what it needs. */
    @Test
    void waitsForANodeBeforeItGivesUp() {
        Pod pod = new PodBuilder(pending())
                .editStatus()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("Unschedulable")
                .withMessage("0/1 nodes are available")
                .endCondition()
                .endStatus()
                .build();
        assertThat(LaunchFailure.of(pod, GRACE.minusMillis(1), GRACE)).isEmpty();
        assertThat(LaunchFailure.of(pod, GRACE, GRACE)).hasValueSatisfying(failure -> {
            assertThat(failure.reason()).isEqualTo(Rejection.UNSCHEDULABLE);
            assertThat(failure.detail()).isEqualTo("0/1 nodes are available");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "ErrImagePull, IMAGE_MISSING",
        "ImagePullBackOff, IMAGE_MISSING",
        "CreateContainerError, LAUNCH_FAILED",
        "CrashLoopBackOff, LAUNCH_FAILED"
    })
    void knowsAtOnceThatAContainerCannotStart(String reason, Rejection expected) {
        Pod pod = new PodBuilder(pending())
                .editStatus()
                .addNewContainerStatus()
                .withNewState()
                .withNewWaiting()
                .withReason(reason)
                .withMessage("why")
                .endWaiting()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        assertThat(LaunchFailure.of(pod, Duration.ZERO, GRACE)).hasValueSatisfying(failure -> {
            assertThat(failure.reason()).isEqualTo(expected);
            assertThat(failure.detail()).isEqualTo(reason + ": why");
        });
    }

    @Test
    void waitsWhileAContainerIsMade() {
        Pod pod = new PodBuilder(pending())
                .editStatus()
                .addNewContainerStatus()
                .withNewState()
                .withNewWaiting()
                .withReason("ContainerCreating")
                .endWaiting()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        assertThat(LaunchFailure.of(pod, Duration.ofHours(1), GRACE)).isEmpty();
    }

    @Test
    void knowsAPodThatHasEndedOrWasDeleted() {
        Pod ended = new PodBuilder(pending())
                .editStatus()
                .withPhase("Failed")
                .withReason("Evicted")
                .endStatus()
                .build();
        Pod deleted = new PodBuilder(pending())
                .editMetadata()
                .withDeletionTimestamp("2030-01-01T00:00:00Z")
                .endMetadata()
                .build();
        assertThat(reason(ended)).contains(Rejection.LAUNCH_FAILED);
        assertThat(reason(deleted)).contains(Rejection.SANDBOX_LOST);
    }

    @Test
    void readsEventsOfWhatTheNodeTriesForEver() {
        assertThat(LaunchFailure.of(List.of(
                        new EventBuilder().withReason("Scheduled").build(),
                        new EventBuilder()
                                .withReason("FailedMount")
                                .withMessage("no such volume")
                                .build())))
                .hasValueSatisfying(failure -> assertThat(failure.detail()).isEqualTo("FailedMount: no such volume"));
        assertThat(LaunchFailure.of(
                        List.of(new EventBuilder().withReason("Unhealthy").build())))
                .isEmpty();
    }

    private static Optional<Rejection> reason(Pod pod) {
        return LaunchFailure.of(pod, Duration.ZERO, GRACE).map(LaunchFailure::reason);
    }

    private static Pod pending() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("a-pod")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
    }
}
