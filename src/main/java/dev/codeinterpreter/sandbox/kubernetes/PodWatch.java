package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One watch for all of our pods, and who observes which of them. A watch can break or fall silent: it is taken up again, and
 * who waits for something asks for itself now and then, see {@link Observer#await}.
 */
final class PodWatch implements AutoCloseable {
    private final PodApi api;
    private final Duration silence;
    private final Map<String, List<Observer>> observers = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> informer;

    PodWatch(PodApi api, ClusterTimings.Calls timings) {
        this.api = api;
        this.silence = timings.silence();
        this.informer = api.watch(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                report(pod, pod);
            }

            @Override
            public void onUpdate(Pod before, Pod now) {
                report(now, now);
            }

            @Override
            public void onDelete(Pod pod, boolean unknown) {
                report(pod, null);
            }
        });
    }

    /** From what is known now on; the caller closes it. The pod need not exist yet. */
    Observer follow(String name) {
        Observer observer = new Observer(name, silence, api::get, this::leave);
        observers.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(observer);
        Pod known = informer.getStore().getByKey(api.key(name));
        if (known != null) {
            observer.begin(known);
        }
        return observer;
    }

    private void leave(Observer observer) {
        observers.computeIfPresent(observer.name(), (_, all) -> {
            all.remove(observer);
            return all.isEmpty() ? null : all;
        });
    }

    @Override
    public void close() {
        informer.close();
    }

    private void report(Pod pod, @Nullable Pod now) {
        observers.getOrDefault(pod.getMetadata().getName(), List.of()).forEach(observer -> observer.update(now));
    }

    /** The pod of a name, as the API has it now. */
    interface Lookup {
        Optional<Pod> get(String name) throws BackendException;
    }

    /** What is known of one pod. */
    static final class Observer implements AutoCloseable {
        private final String name;
        private final Duration silence;
        private final Lookup lookup;
        private final Consumer<Observer> onClose;
        private final State unknown = new State(null, false, new CountDownLatch(1));
        private final AtomicReference<State> latest = new AtomicReference<>(unknown);
        private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

        /**
         * @param pod as it was last seen; null before that
         * @param gone whether it is no longer there; what was gone stays gone, as a name is never given twice
         * @param replaced opened when there is a newer state
         */
        private record State(@Nullable Pod pod, boolean gone, CountDownLatch replaced) {
            boolean meets(Predicate<Pod> condition) {
                return gone || (pod != null && condition.test(pod));
            }
        }

        /**
         * @param silence of the watch, after which {@code lookup} is asked
         * @param onClose called at each close
         */
        Observer(String name, Duration silence, Lookup lookup, Consumer<Observer> onClose) {
            this.name = name;
            this.silence = silence;
            this.lookup = lookup;
            this.onClose = onClose;
        }

        String name() {
            return name;
        }

        /**
         * Waits until {@code condition} holds for the pod, or it is gone.
         *
         * @return the pod then, nothing when it is gone
         * @throws BackendException as of an API that did not answer, when it has not come to that within {@code timeout}, or
         *     we are interrupted
         */
        Optional<Pod> await(Predicate<Pod> condition, Duration timeout) throws BackendException {
            State state = awaitState(condition, timeout)
                    .orElseThrow(
                            () -> BackendException.unreachable("%s is still %s".formatted(name, description()), null));
            return state.gone ? Optional.empty() : Optional.ofNullable(state.pod);
        }

        /** Whether {@code condition} holds for the pod within {@code timeout}, or it is gone. */
        boolean hasWithin(Predicate<Pod> condition, Duration timeout) throws BackendException {
            return awaitState(condition, timeout).isPresent();
        }

        /** Has {@code action} run when the pod has ended, is asked to, or is gone, or at once when that has happened. Quick. */
        void whenOver(Runnable action) {
            CompletableFuture<Void> _ = over.thenRun(action);
        }

        /** With what was known before it was observed, unless there is news already. */
        private void begin(Pod known) {
            boolean _ = replace(unknown, known);
        }

        /** As the watch or we ourselves have it; nothing when the pod is gone. */
        void update(@Nullable Pod pod) {
            boolean updated;
            do {
                updated = replace(latest.get(), pod);
            } while (!updated);
        }

        @Override
        public void close() {
            onClose.accept(this);
        }

        private Optional<State> awaitState(Predicate<Pod> condition, Duration timeout) throws BackendException {
            long deadline = System.nanoTime() + timeout.toNanos();
            try {
                State state = latest.get();
                while (!state.meets(condition)) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return Optional.empty();
                    }
                    if (!state.replaced.await(Math.min(left, silence.toNanos()), TimeUnit.NANOSECONDS)) {
                        ask();
                    }
                    state = latest.get();
                }
                return Optional.of(state);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BackendException.unreachable("interrupted while waiting for " + name, e);
            }
        }

        private void ask() {
            State before = latest.get();
            try {
                // What the watch reports meanwhile is newer.
                boolean _ = replace(before, lookup.get(name).orElse(null));
            } catch (BackendException e) {
                // The next time it may answer; the deadline is the caller's.
                System.getLogger(PodWatch.class.getName()).log(System.Logger.Level.DEBUG, "cannot look at " + name, e);
            }
        }

        /** Returns false, and does nothing, when {@code before} is no longer the latest. */
        private boolean replace(State before, @Nullable Pod pod) {
            State now = new State(pod == null ? before.pod : pod, before.gone || pod == null, new CountDownLatch(1));
            if (!latest.compareAndSet(before, now)) {
                return false;
            }
            before.replaced.countDown();
            if (now.meets(known -> !PodState.isAlive(known))) {
                over.complete(null);
            }
            return true;
        }

        private String description() {
            Pod pod = latest.get().pod;
            return pod == null ? "unknown" : String.valueOf(pod.getStatus());
        }
    }
}
