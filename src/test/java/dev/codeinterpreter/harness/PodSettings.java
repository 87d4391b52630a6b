package dev.codeinterpreter.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a pod is set up, from what the API server says. */
final class PodSettings {
    /** What the cluster adds by itself, and differs from one to the next. */
    private static final Set<String> UNWANTED = Set.of(
            "nodeName",
            "schedulerName",
            "preemptionPolicy",
            "priority",
            "serviceAccount",
            "terminationMessagePolicy",
            "tolerations",
            "command");

    private PodSettings() {}

    static String text(Pod pod) {
        String uid = Long.toString(pod.getSpec().getSecurityContext().getRunAsUser());
        JsonObject chosen = Json.createObjectBuilder()
                .add("spec", json(Serialization.asJson(pod.getSpec())))
                .add(
                        "labels",
                        Json.createArrayBuilder(pod.getMetadata().getLabels().keySet()))
                .add(
                        "annotations",
                        Json.createArrayBuilder(pod.getMetadata().getAnnotations().keySet().stream()
                                .filter(PodSettings::isOurs)
                                .toList()))
                .build();
        String text = Settings.pretty(Settings.normal(chosen, Settings.EMPTY, UNWANTED, value -> value));
        return text.replaceAll("(\"runAs(User|Group)\": ?)" + uid, "$1\"UID\"")
                .replaceAll("(\"activeDeadlineSeconds\": ?)[1-9]\\d*", "$1\"BOUNDED\"");
    }

    /** A network plugin adds some, and an old API server the seccomp profile a second time. */
    private static boolean isOurs(String annotation) {
        return Stream.of("cni", "projectcalico", "seccomp.security.alpha").noneMatch(annotation::contains);
    }

    static List<String> openLocks(Pod pod) {
        PodSpec spec = pod.getSpec();
        List<String> open = new ArrayList<>();
        require(!isTrue(spec.getHostNetwork()), "hostNetwork", open);
        require(!isTrue(spec.getHostPID()), "hostPID", open);
        require(!isTrue(spec.getHostIPC()), "hostIPC", open);
        require(!isTrue(spec.getShareProcessNamespace()), "shareProcessNamespace", open);
        require(Boolean.FALSE.equals(spec.getAutomountServiceAccountToken()), "automountServiceAccountToken", open);
        require(spec.getActiveDeadlineSeconds() != null, "activeDeadlineSeconds", open);
        require(isTrue(spec.getSecurityContext().getRunAsNonRoot()), "runAsNonRoot", open);
        require(spec.getSecurityContext().getRunAsUser() > 0, "runAsUser", open);
        require(spec.getSecurityContext().getSeccompProfile() != null, "seccompProfile", open);
        spec.getVolumes()
                .forEach(volume -> require(
                        volume.getEmptyDir() != null
                                && "Memory".equals(volume.getEmptyDir().getMedium()),
                        "volume " + volume.getName(),
                        open));
        spec.getContainers().forEach(container -> checkContainer(container, open));
        return open;
    }

    private static void checkContainer(Container container, List<String> open) {
        SecurityContext security = container.getSecurityContext();
        require(!isTrue(security.getPrivileged()), "privileged", open);
        require(Boolean.FALSE.equals(security.getAllowPrivilegeEscalation()), "allowPrivilegeEscalation", open);
        require(isTrue(security.getReadOnlyRootFilesystem()), "readOnlyRootFilesystem", open);
        require(security.getCapabilities().getDrop().equals(List.of("ALL")), "capabilities.drop", open);
        require(security.getCapabilities().getAdd().isEmpty(), "capabilities.add", open);
        require(container.getResources().getLimits().keySet().containsAll(Set.of("cpu", "memory")), "limits", open);
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static void require(boolean locked, String name, List<String> open) {
        if (!locked) {
            open.add(name);
        }
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }
}
