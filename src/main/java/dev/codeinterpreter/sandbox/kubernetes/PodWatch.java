package dev.codeinterpreter.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One watch for all of our pods, and who follows which of them. A watch can break or fall silent: it is taken up again, and
 * who waits for something looks for itself now and then, see {@link PodObserver#await}.
 */
final class PodWatch implements AutoCloseable {
    private final PodApi api;
    private final Duration silence;
    private final Map<String, List<PodObserver>> followers = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> informer;

    PodWatch(PodApi api, ClusterTimings.Calls timings) {
        this.api = api;
        this.silence = timings.silence();
        this.informer = api.watch(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                tell(pod, pod);
            }

            @Override
            public void onUpdate(Pod before, Pod now) {
                tell(now, now);
            }

            @Override
            public void onDelete(Pod pod, boolean unknown) {
                tell(pod, null);
            }
        });
    }

    /** From what is known now on; the caller closes it. The pod need not exist yet. */
    PodObserver follow(String name) {
        PodObserver pod = new PodObserver(this, api, silence, name);
        followers.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(pod);
        Pod known = informer.getStore().getByKey(api.key(name));
        if (known != null) {
            pod.begin(known);
        }
        return pod;
    }

    void leave(PodObserver pod) {
        followers.computeIfPresent(pod.name(), (_, all) -> {
            all.remove(pod);
            return all.isEmpty() ? null : all;
        });
    }

    @Override
    public void close() {
        informer.close();
    }

    private void tell(Pod pod, @Nullable Pod now) {
        followers.getOrDefault(pod.getMetadata().getName(), List.of()).forEach(follower -> follower.update(now));
    }
}
