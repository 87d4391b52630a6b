package dev.codeinterpreter.sandbox.kubernetes;

import java.time.Duration;

/**
 * When the backend does what, and when it gives up. Not for operators: each follows from what an API server and a node take.
 * What an operator decides, {@link KubernetesConfig} has.
 */
record ClusterTimings(Calls calls, Launches launches, Removals removals) {
    static final ClusterTimings DEFAULT = new ClusterTimings(Calls.DEFAULT, Launches.DEFAULT, Removals.DEFAULT);

    /**
     * Of the API, and of streams into pods.
     *
     * @param connect to the API server
     * @param answer of the API server to a call; one under load was seen to need 1.3 s
     * @param exec from the request until the node has started the process, 0.1 s on an idle machine
     * @param silence of the watch, after which a pod that is waited for is asked about
     * @param lastWords from the report that a pod is over until its streams are cut: for what it had still to say, which may
     *     be on its way
     */
    record Calls(Duration connect, Duration answer, Duration exec, Duration silence, Duration lastWords) {
        static final Calls DEFAULT = new Calls(
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1));
    }

    /**
     * From a pod's creation to a process in it; how long that may take at most is KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC.
     *
     * @param retry between tries of a call, doubled each time, and as much again by chance so that many do not come together
     * @param unreachable how long an API server is waited for that does not answer: one that is being replaced is away for a
     *     moment, and one that is away for longer is not waited for
     * @param firstExec from the choice of a node until a container can run at best; measured at 250 ms
     * @param nextExec between the end of a try and the next; a refusal takes some 10 ms of API server and node
     * @param diagnose after which a launch that takes so long is diagnosed
     * @param diagnoseAgain after which it is diagnosed again, and so on
     * @param unschedulable age of a pod that no node has room for, before which it is not given up: a pod that is just ending
     *     may still hold what this one needs
     */
    record Launches(
            Duration retry,
            Duration unreachable,
            Duration firstExec,
            Duration nextExec,
            Duration diagnose,
            Duration diagnoseAgain,
            Duration unschedulable) {
        static final Launches DEFAULT = new Launches(
                Duration.ofMillis(100),
                Duration.ofSeconds(3),
                Duration.ofMillis(150),
                Duration.ofMillis(50),
                Duration.ofMillis(1_600),
                Duration.ofSeconds(1),
                Duration.ofMillis(1_500));
    }

    /**
     * From a pod's end to its confirmed removal.
     *
     * @param grace that Kubernetes gives the pod's processes, in whole seconds
     * @param firstReport how long a pod is left alone that its node has not reported on. Nodes report once a second, and one
     *     that is asked to end a pod whose containers it has never seen running, because they were quicker, may not report
     *     on them at all
     * @param confirm by the thread that removes the pod; measured at 1.5 s, of which the node's agent waits one for its next look
     * @param scan between two scans of all pods: what is over in two in a row, its owner has not deleted
     * @param orphan for each orphan and try; what needs longer is tried again
     * @param ending for a session that is just ending to be known as ended
     */
    record Removals(
            Duration grace, Duration firstReport, Duration confirm, Duration scan, Duration orphan, Duration ending) {
        static final Removals DEFAULT = new Removals(
                Duration.ofSeconds(1),
                Duration.ofMillis(1_500),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2));
    }
}
