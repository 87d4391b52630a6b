package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.sandbox.BackendException;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One observer of a pod that runs, or does not, as the watch and the API say it here. */
@Timeout(60)
class PodWatchTest {
    private static final Duration SHORT = Duration.ofMillis(5);
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void waitsForWhatTheWatchReports() throws Exception {
        PodWatch.Observer pod = observer(LONG, name -> Optional.empty());
        pod.update(pod("Pending"));
        FutureTask<Boolean> waiting = new FutureTask<>(() -> pod.hasWithin(PodState::isRunning, LONG));
        Thread.ofVirtual().start(waiting);
        pod.update(pod("Running"));
        assertThat(waiting.get()).isTrue();
        assertThat(asked).hasValue(0);
    }

    @Test
    void asksForItselfWhenTheWatchIsSilent() throws Exception {
        PodWatch.Observer pod = observer(SHORT, name -> Optional.of(pod(asked.get() < 3 ? "Pending" : "Running")));
        assertThat(pod.await(PodState::isRunning, LONG)).isPresent();
        assertThat(asked).hasValue(3);
    }

    @Test
    void asksAgainWhenTheApiDoesNotAnswer() throws Exception {
        PodWatch.Observer pod = observer(SHORT, name -> {
            if (asked.get() < 3) {
                throw BackendException.unreachable("away", null);
            }
            return Optional.of(pod("Running"));
        });
        assertThat(pod.hasWithin(PodState::isRunning, LONG)).isTrue();
    }

    /** An answer that was on its way while the watch reported is older than the report. */
    @Test
    void prefersTheNewsOfTheWatchToAnAnswerThatIsOlder() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch reported = new CountDownLatch(1);
        PodWatch.Observer pod = observer(SHORT, name -> {
            asking.countDown();
            await(reported);
            return Optional.of(pod("Pending"));
        });
        FutureTask<Boolean> waiting = new FutureTask<>(() -> pod.hasWithin(PodState::isRunning, LONG));
        Thread.ofVirtual().start(waiting);
        asking.await();
        pod.update(pod("Running"));
        reported.countDown();
        assertThat(waiting.get()).isTrue();
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatIsGoneStaysGone() throws Exception {
        PodWatch.Observer pod = observer(LONG, name -> Optional.empty());
        pod.update(pod("Running"));
        pod.update(null);
        pod.update(pod("Running"));
        assertThat(pod.await(running -> false, LONG)).isEmpty();
        assertThat(pod.hasWithin(running -> false, LONG)).isTrue();
    }

    @Test
    void namesWhatDoesNotComeInTime() throws Exception {
        PodWatch.Observer pod = observer(LONG, name -> Optional.of(pod("Pending")));
        assertThat(pod.hasWithin(PodState::isRunning, SHORT)).isFalse();
        assertThat(asked).as("for the last time at the end").hasValue(1);
        assertThatThrownBy(() -> pod.await(PodState::isRunning, SHORT))
                .isInstanceOfSatisfying(
                        BackendException.class,
                        e -> assertThat(e.isUnreachable()).isTrue())
                .hasMessageStartingWith("a-pod is still ")
                .hasMessageContaining("Pending");
    }

    @Test
    void endsTheWaitOfAnInterruptedThread() {
        PodWatch.Observer pod = observer(LONG, name -> Optional.empty());
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pod.hasWithin(PodState::isRunning, LONG)).isInstanceOf(BackendException.class);
        assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
    }

    @Test
    void reportsTheEndOnceOrAtOnceWhenItIsPast() {
        PodWatch.Observer pod = observer(LONG, name -> Optional.empty());
        AtomicInteger ends = new AtomicInteger();
        pod.whenOver(ends::incrementAndGet);
        pod.update(pod("Running"));
        assertThat(ends).hasValue(0);
        pod.update(pod("Failed"));
        pod.update(null);
        assertThat(ends).hasValue(1);
        pod.whenOver(ends::incrementAndGet);
        assertThat(ends).hasValue(2);
    }

    private PodWatch.Observer observer(Duration silence, PodWatch.Lookup lookup) {
        return new PodWatch.Observer(
                "a-pod",
                silence,
                name -> {
                    asked.incrementAndGet();
                    return lookup.get(name);
                },
                observer -> {});
    }

    private static Pod pod(String phase) {
        ContainerState state = new ContainerStateBuilder()
                .withRunning(phase.equals("Running") ? new ContainerStateRunning() : null)
                .build();
        return new PodBuilder()
                .withNewMetadata()
                .withName("a-pod")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .addNewContainerStatus()
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
