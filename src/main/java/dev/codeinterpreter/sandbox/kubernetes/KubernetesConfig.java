package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SessionGuard;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where the cluster is and who we are there the client finds out by itself: KUBECONFIG, or the service account of our pod.
 *
 * @param namespace of the sandboxes (KUBERNETES_EXECUTOR_NAMESPACE)
 * @param image of the sandboxes (KUBERNETES_EXECUTOR_IMAGE)
 * @param pullPolicy nothing for what Kubernetes makes of the image's tag (KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY)
 * @param serviceAccount whose token is not mounted either (KUBERNETES_EXECUTOR_SERVICE_ACCOUNT)
 * @param netAdminLockdown whether a container with NET_ADMIN takes the pod's network down before anything else runs
 *     (KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN)
 * @param readyTimeout from the creation of a pod until it runs (KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC)
 * @param pullSecrets names of Secrets beside the sandboxes with the credentials of the image's registry
 *     (KUBERNETES_EXECUTOR_IMAGE_PULL_SECRETS)
 * @param user of the sandboxes' processes
 * @param readOnlyRoot KUBERNETES_EXECUTOR_READ_ONLY_ROOT_FILESYSTEM
 * @param sessionGuard what a session's answers are protected by; with
 *     KUBERNETES_EXECUTOR_SESSIONS_WITHOUT_LANDLOCK also sessions that have nothing
 * @param workspaceLimit instead of WORKSPACE_SIZE_LIMIT (KUBERNETES_EXECUTOR_WORKSPACE_SIZE_LIMIT)
 * @param tmpLimit instead of TMP_SIZE_LIMIT (KUBERNETES_EXECUTOR_TMP_SIZE_LIMIT)
 * @param owners whose end is the end of the sandboxes
 */
public record KubernetesConfig(
        String namespace,
        String image,
        Optional<String> pullPolicy,
        Optional<String> serviceAccount,
        boolean netAdminLockdown,
        Duration readyTimeout,
        List<String> pullSecrets,
        PodUser user,
        boolean readOnlyRoot,
        SessionGuard sessionGuard,
        PodOverrides overrides,
        PodResources resources,
        OptionalLong workspaceLimit,
        OptionalLong tmpLimit,
        Owners owners) {

    private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,510}");
    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /**
     * Kubernetes lets only what is in the same namespace own something.
     *
     * @param pod the one that we run in, which owns sandboxes for one run (POD_NAME, POD_UID)
     * @param deployment the one that we belong to, which owns sessions: any of its pods may serve them
     *     (KUBERNETES_OWNER_DEPLOYMENT_NAME)
     */
    record Owners(Optional<PodSpecs.Owner> pod, Optional<String> deployment) {}

    public static KubernetesConfig from(Settings settings) {
        String namespace = settings.parsed(
                "KUBERNETES_EXECUTOR_NAMESPACE",
                "default",
                "a namespace's name",
                text -> Settings.matching(LABEL, text));
        return new KubernetesConfig(
                namespace,
                settings.parsed(
                        "KUBERNETES_EXECUTOR_IMAGE",
                        "code-interpreter-executor:latest",
                        "an image name such as registry:5000/name:tag",
                        text -> Settings.matching(IMAGE, text)),
                settings.optional("KUBERNETES_EXECUTOR_IMAGE_PULL_POLICY", "Always, IfNotPresent or Never", text -> {
                    if (!PULL_POLICIES.contains(text)) {
                        throw new IllegalArgumentException(text);
                    }
                    return text;
                }),
                settings.optional(
                        "KUBERNETES_EXECUTOR_SERVICE_ACCOUNT",
                        "a service account's name",
                        text -> Settings.matching(NAME, text)),
                settings.flag("KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN", false),
                settings.seconds("KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC", 30, 1, 600),
                pullSecrets(settings),
                PodUser.from(settings),
                settings.flag("KUBERNETES_EXECUTOR_READ_ONLY_ROOT_FILESYSTEM", true),
                settings.flag("KUBERNETES_EXECUTOR_SESSIONS_WITHOUT_LANDLOCK", false)
                        ? SessionGuard.LANDLOCK_IF_AVAILABLE
                        : SessionGuard.LANDLOCK,
                json(settings, "KUBERNETES_EXECUTOR_POD_OVERRIDES", PodOverrides.NONE, PodOverrides::parse),
                json(settings, "KUBERNETES_EXECUTOR_POD_RESOURCES", PodResources.DEFAULT, PodResources::parse),
                size(settings, "KUBERNETES_EXECUTOR_WORKSPACE_SIZE_LIMIT"),
                size(settings, "KUBERNETES_EXECUTOR_TMP_SIZE_LIMIT"),
                owners(settings, namespace));
    }

    /** {@code general} with the sizes that the pods' own settings have. */
    ResourceLimits limits(ResourceLimits general) {
        return new ResourceLimits(
                general.programMemory(),
                workspaceLimit.orElse(general.workspace()),
                tmpLimit.orElse(general.tmp()),
                general.sharedMemory(),
                general.pids(),
                general.cpus(),
                general.cpuSeconds(),
                general.runnerMemory());
    }

    private static Owners owners(Settings settings, String namespace) {
        Optional<String> own = settings.optionalText("KUBERNETES_OWN_NAMESPACE");
        Optional<String> podName =
                settings.optional("POD_NAME", "the name of the service's pod", text -> Settings.matching(NAME, text));
        Optional<String> podUid =
                settings.optional("POD_UID", "the uid of the service's pod", text -> Settings.matching(UID, text));
        Optional<String> deployment = settings.optional(
                "KUBERNETES_OWNER_DEPLOYMENT_NAME",
                "the name of the service's Deployment",
                text -> Settings.matching(NAME, text));
        if (own.filter(namespace::equals).isEmpty()) {
            return new Owners(Optional.empty(), Optional.empty());
        }
        return new Owners(
                podName.flatMap(name -> podUid.map(uid -> new PodSpecs.Owner("v1", "Pod", name, uid))), deployment);
    }

    private interface Parser<T> {
        /** @throws IllegalArgumentException saying what is wrong */
        T parse(String text);
    }

    /** What is wrong inside of a long text has to be named. */
    private static <T> T json(Settings settings, String name, T defaultValue, Parser<T> parser) {
        Optional<String> text = settings.optionalText(name);
        try {
            return text.isEmpty() ? defaultValue : parser.parse(text.get());
        } catch (IllegalArgumentException e) {
            settings.problem(
                    "%s: %s".formatted(name, String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " ")));
            return defaultValue;
        }
    }

    private static List<String> pullSecrets(Settings settings) {
        return settings.parsed(
                "KUBERNETES_EXECUTOR_IMAGE_PULL_SECRETS",
                List.of(),
                "names of Secrets separated by commas",
                text -> Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .map(name -> Settings.matching(NAME, name))
                        .distinct()
                        .toList());
    }

    private static OptionalLong size(Settings settings, String name) {
        return settings.optionalText(name).isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(settings.bytes(name, "64Mi", 1L << 20));
    }
}
