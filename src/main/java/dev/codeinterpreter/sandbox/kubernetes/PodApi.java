package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxLabels;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The few calls of the Kubernetes API that we need, each tried once and bounded; the caller decides what is repeated. */
final class PodApi implements AutoCloseable {
    /** What we have to be permitted to do. Streams into pods begin with a GET on some servers, and count as created on others. */
    enum Permission {
        CREATE("create", ""),
        GET("get", ""),
        LIST("list", ""),
        WATCH("watch", ""),
        DELETE("delete", ""),
        GET_EXEC("get", "exec"),
        CREATE_EXEC("create", "exec");

        private final String verb;
        /** Empty for the pod itself. */
        private final String subresource;

        Permission(String verb, String subresource) {
            this.verb = verb;
            this.subresource = subresource;
        }

        @Override
        public String toString() {
            return verb + (subresource.isEmpty() ? " pods" : " pods/" + subresource);
        }
    }

    private final KubernetesClient client;
    private final String namespace;

    PodApi(String namespace, ClusterTimings.Calls timings) {
        Config found = Config.autoConfigure(null);
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(found)
                        .withConnectionTimeout((int) timings.connect().toMillis())
                        .withRequestTimeout((int) timings.answer().toMillis())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        this.namespace = namespace;
    }

    /** As it is now: the client renews tokens in it. */
    Config connection() {
        return client.getConfiguration();
    }

    /** By which a watch's store knows a pod. */
    String key(String name) {
        return namespace + "/" + name;
    }

    /** Returns the pod as the cluster has taken it. */
    Pod create(Pod pod) throws BackendException {
        return call(() -> client.pods().inNamespace(namespace).resource(pod).create());
    }

    /** Whether the cluster would take such a pod, quota and policies included. Nothing is created. */
    void tryCreate(Pod pod) throws BackendException {
        call(() ->
                client.pods().inNamespace(namespace).resource(pod).dryRun(true).create());
    }

    Optional<Pod> get(String name) throws BackendException {
        return call(() -> Optional.ofNullable(
                client.pods().inNamespace(namespace).withName(name).get()));
    }

    /** Every pod of ours, whichever process of ours made it and whether it runs or not. */
    List<Pod> list() throws BackendException {
        return call(() -> client.pods()
                .inNamespace(namespace)
                .withLabel(SandboxLabels.COMPONENT, SandboxLabels.SANDBOX)
                .list()
                .getItems());
    }

    /** What went wrong with a pod so far, in the cluster's own words. */
    List<Event> warnings(String name) throws BackendException {
        return call(() -> client.v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.name", name)
                .withField("type", "Warning")
                .list()
                .getItems());
    }

    /** Nothing happens to one that is not there. */
    void delete(String name, Duration grace) throws BackendException {
        call(() -> client.pods()
                .inNamespace(namespace)
                .withName(name)
                .withGracePeriod(grace.toSeconds())
                .delete());
    }

    /** Reports every pod of ours to {@code handler}, from now until it is closed, through any break of the connection. */
    SharedIndexInformer<Pod> watch(ResourceEventHandler<Pod> handler) {
        SharedIndexInformer<Pod> informer = client.pods()
                .inNamespace(namespace)
                .withLabel(SandboxLabels.COMPONENT, SandboxLabels.SANDBOX)
                .runnableInformer(0);
        informer.addEventHandler(handler);
        // Whatever goes wrong, and whether it ever went well: try again.
        informer.exceptionHandler((started, e) -> true);
        informer.start();
        return informer;
    }

    /** Whether we may do that to pods. */
    boolean permits(Permission permission) throws BackendException {
        SelfSubjectAccessReview review = new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withNamespace(namespace)
                .withResource("pods")
                .withSubresource(permission.subresource)
                .withVerb(permission.verb)
                .endResourceAttributes()
                .endSpec()
                .build();
        return call(() -> client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(review)
                .getStatus()
                .getAllowed());
    }

    /** The uid of a Deployment beside the sandboxes. */
    String deploymentUid(String name) throws BackendException {
        return call(() -> Optional.ofNullable(client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(name)
                        .get()))
                .orElseThrow(() -> new BackendException(404, "there is no Deployment " + name, null))
                .getMetadata()
                .getUid();
    }

    @Override
    public void close() {
        client.close();
    }

    private static <T> T call(Supplier<T> call) throws BackendException {
        try {
            return call.get();
        } catch (KubernetesClientException e) {
            // The client has -1 or 0 for no answer.
            throw new BackendException(e.getCode(), String.valueOf(e.getMessage()), e);
        }
    }
}
