package dev.codeinterpreter.sandbox.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodSpecsTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final long UID = 200_123;
    private static final SandboxId ONE_SHOT = new SandboxId("code-interpreter-00000000000000000000000000000001");
    private static final SandboxId SESSION = new SandboxId("code-session-00000000000000000000000000000001");

    /** A change of any setting has to be made twice: there, and in the file that shows the whole. */
    @Test
    void equalsTheCheckedInPod() throws IOException {
        Pod pod = create(Map.of());
        // Its text has a file of its own.
        List<String> command = container(pod).getCommand();
        assertThat(command).isEqualTo(RunnerScript.waiter(Duration.ofMinutes(1)));
        container(pod).setCommand(List.of("python3", "waiter.py"));
        assertThat(Serialization.asYaml(pod)).isEqualTo(golden());
    }

    // Pod Security "restricted", control by control.

    @Test
    void sharesNothingWithItsNode() {
        PodSpec spec = create(Map.of()).getSpec();
        assertThat(spec.getHostNetwork()).isFalse();
        assertThat(spec.getHostPID()).isFalse();
        assertThat(spec.getHostIPC()).isFalse();
        assertThat(spec.getShareProcessNamespace()).isFalse();
        assertThat(container(create(Map.of())).getPorts()).isEmpty();
    }

    @Test
    void hasNoPrivilegeAndCanGainNone() {
        var security = container(create(Map.of())).getSecurityContext();
        assertThat(security.getPrivileged()).isFalse();
        assertThat(security.getAllowPrivilegeEscalation()).isFalse();
        assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(security.getCapabilities().getAdd()).isEmpty();
        assertThat(security.getProcMount()).isNull();
    }

    @Test
    void isNeverRoot() {
        var security = create(Map.of()).getSpec().getSecurityContext();
        assertThat(security.getRunAsNonRoot()).isTrue();
        assertThat(security.getRunAsUser()).isEqualTo(UID);
        assertThat(security.getRunAsGroup()).isEqualTo(UID);
        assertThat(security.getSysctls()).isEmpty();
        assertThat(security.getSupplementalGroups()).isEmpty();
    }

    @Test
    void hasASystemCallFilterOfTheRuntime() {
        assertThat(create(Map.of())
                        .getSpec()
                        .getSecurityContext()
                        .getSeccompProfile()
                        .getType())
                .isEqualTo("RuntimeDefault");
    }

    @Test
    void mountsMemoryAndNothingElse() {
        Pod pod = create(Map.of());
        assertThat(pod.getSpec().getVolumes()).hasSize(4).allSatisfy(volume -> {
            assertThat(volume.getEmptyDir().getMedium()).isEqualTo("Memory");
            assertThat(volume.getEmptyDir().getSizeLimit()).isNotNull();
        });
        assertThat(container(pod).getVolumeMounts())
                .extracting(mount -> mount.getMountPath())
                .containsExactly("/workspace", "/tmp", "/dev/shm", "/dev/pts");
        assertThat(container(pod).getVolumeMounts().getLast().getReadOnly()).isTrue();
    }

    // What is beyond "restricted".

    @Test
    void cannotWriteToItsImage() {
        assertThat(container(create(Map.of())).getSecurityContext().getReadOnlyRootFilesystem())
                .isTrue();
        assertThat(container(create(Map.of("KUBERNETES_EXECUTOR_READ_ONLY_ROOT_FILESYSTEM", "no")))
                        .getSecurityContext()
                        .getReadOnlyRootFilesystem())
                .isFalse();
    }

    @Test
    void knowsNothingOfTheCluster() {
        PodSpec spec =
                create(Map.of("KUBERNETES_EXECUTOR_SERVICE_ACCOUNT", "sandbox")).getSpec();
        assertThat(spec.getAutomountServiceAccountToken()).isFalse();
        assertThat(spec.getServiceAccountName()).isEqualTo("sandbox");
        assertThat(spec.getEnableServiceLinks()).isFalse();
        assertThat(spec.getDnsPolicy()).isEqualTo("None");
        assertThat(spec.getDnsConfig().getNameservers()).containsExactly("127.0.0.1");
    }

    @Test
    void sizesItsMemorySoThatAFullDiskIsNotTheEnd() {
        Pod pod = create(Map.of());
        long disks = pod.getSpec().getVolumes().stream()
                .map(Volume::getEmptyDir)
                .mapToLong(volume -> volume.getSizeLimit().getNumericalAmount().longValueExact())
                .sum();
        Quantity memory =
                requireNonNull(container(pod).getResources().getLimits().get("memory"));
        assertThat(memory.getNumericalAmount().longValueExact() - disks).isGreaterThanOrEqualTo((256 + 24 + 10) << 20);
    }

    @Test
    void asksForLessThanItMayUse() {
        var resources = container(create(Map.of())).getResources();
        assertThat(resources.getRequests().keySet())
                .isEqualTo(resources.getLimits().keySet());
        resources
                .getRequests()
                .forEach((name, request) -> assertThat(request.getNumericalAmount())
                        .as(name)
                        .isLessThan(
                                requireNonNull(resources.getLimits().get(name)).getNumericalAmount()));
    }

    @Test
    void neverAsksForMoreThanALimitThatIsSmall() {
        var resources = container(
                        create(Map.of(), new ResourceLimits(16 << 20, 1 << 20, 1 << 20, 1 << 20, 8, 0.05, 1, 24 << 20)))
                .getResources();
        assertThat(resources.getRequests().get("cpu")).isEqualTo(new Quantity("0.05"));
    }

    @Test
    void hasNoLimitOfCpuWhenTheOperatorWantsNone() {
        var resources = container(create(Map.of("KUBERNETES_EXECUTOR_POD_RESOURCES", "{\"limits\":{\"cpu\":null}}")))
                .getResources();
        assertThat(resources.getLimits()).containsOnlyKeys("memory", "ephemeral-storage");
    }

    @Test
    void endsByItself() {
        PodSpec spec = create(Map.of()).getSpec();
        assertThat(spec.getRestartPolicy()).isEqualTo("Never");
        assertThat(spec.getActiveDeadlineSeconds()).isEqualTo(600);
        assertThat(spec.getTerminationGracePeriodSeconds()).isEqualTo(1);
        Pod session = create(Map.of(), SESSION, Optional.empty());
        assertThat(session.getSpec().getActiveDeadlineSeconds())
                .as("may be prolonged, and the deadline of a pod may not")
                .isEqualTo(Duration.ofDays(7).toSeconds());
    }

    @Test
    void isFoundByItsLabels() {
        assertThat(create(Map.of()).getMetadata().getLabels())
                .isEqualTo(Map.of(
                        "code-interpreter.component", "sandbox",
                        "code-interpreter.role", "one-shot",
                        "code-interpreter.tenant", "default",
                        "code-interpreter.instance", "instance"));
        Pod session = create(Map.of(), SESSION, Optional.empty());
        assertThat(session.getMetadata().getName()).isEqualTo(SESSION.value());
        assertThat(session.getMetadata().getLabels()).containsEntry("code-interpreter.role", "session");
        assertThat(session.getMetadata().getAnnotations())
                .containsEntry(
                        "code-interpreter.expires-at",
                        Long.toString(NOW.plusSeconds(600).getEpochSecond()));
    }

    @Test
    void hasTheOwnerThatItIsGiven() {
        PodSpecs.Owner owner = new PodSpecs.Owner("v1", "Pod", "service-0", "uid");
        OwnerReference reference = create(Map.of(), ONE_SHOT, Optional.of(owner))
                .getMetadata()
                .getOwnerReferences()
                .getFirst();
        assertThat(reference.getKind()).isEqualTo("Pod");
        assertThat(reference.getName()).isEqualTo("service-0");
        assertThat(reference.getUid()).isEqualTo("uid");
        assertThat(reference.getController()).isFalse();
        assertThat(create(Map.of()).getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    void isPlacedAsTheOperatorWants() {
        Pod pod = create(Map.of("KUBERNETES_EXECUTOR_POD_OVERRIDES", """
                {"nodeSelector": {"pool": "sandboxes"},
                 "tolerations": [{"key": "sandbox", "operator": "Exists", "effect": "NoSchedule"}],
                 "runtimeClassName": "gvisor", "priorityClassName": "low",
                 "labels": {"team": "data"}, "annotations": {"example.org/note": "a b"}}
                """));
        assertThat(pod.getSpec().getNodeSelector()).isEqualTo(Map.of("pool", "sandboxes"));
        assertThat(pod.getSpec().getTolerations())
                .extracting(Toleration::getKey)
                .containsExactly("sandbox");
        assertThat(pod.getSpec().getRuntimeClassName()).isEqualTo("gvisor");
        assertThat(pod.getSpec().getPriorityClassName()).isEqualTo("low");
        assertThat(pod.getMetadata().getLabels())
                .containsEntry("team", "data")
                .containsEntry("code-interpreter.component", "sandbox");
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.org/note", "a b");
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Never");
    }

    @Test
    void hasTheIdsThatTheOperatorWants() {
        var security = create(Map.of(
                        "KUBERNETES_EXECUTOR_RUN_AS_USER", "1000",
                        "KUBERNETES_EXECUTOR_RUN_AS_GROUP", "0",
                        "KUBERNETES_EXECUTOR_FS_GROUP", "2000"))
                .getSpec()
                .getSecurityContext();
        assertThat(security.getRunAsUser()).isEqualTo(1000);
        assertThat(security.getRunAsGroup()).isZero();
        assertThat(security.getFsGroup()).isEqualTo(2000);
    }

    /** OpenShift gives each namespace a range, and refuses a pod that names an id outside of it. */
    @ParameterizedTest
    @CsvSource({
        "KUBERNETES_EXECUTOR_RUN_AS_USER, true, true",
        "KUBERNETES_EXECUTOR_RUN_AS_GROUP, false, true",
        "KUBERNETES_EXECUTOR_FS_GROUP, false, false",
    })
    void leavesOutTheIdsThatAreSetToNothing(String variable, boolean noUser, boolean noGroup) {
        var security = create(Map.of(variable, "")).getSpec().getSecurityContext();
        assertThat(security.getRunAsUser()).isEqualTo(noUser ? null : UID);
        assertThat(security.getRunAsGroup()).isEqualTo(noGroup ? null : UID);
        assertThat(security.getFsGroup()).isNull();
        assertThat(security.getRunAsNonRoot()).isTrue();
    }

    @Test
    void bringsTheCredentialsOfItsRegistry() {
        assertThat(create(Map.of("KUBERNETES_EXECUTOR_IMAGE_PULL_SECRETS", "registry,mirror"))
                        .getSpec()
                        .getImagePullSecrets())
                .extracting(LocalObjectReference::getName)
                .containsExactly("registry", "mirror");
        assertThat(create(Map.of()).getSpec().getImagePullSecrets()).isEmpty();
    }

    @Test
    void takesTheNetworkDownOnlyWhenAsked() {
        assertThat(create(Map.of()).getSpec().getInitContainers()).isEmpty();
        Container lockdown = create(Map.of("KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN", "true"))
                .getSpec()
                .getInitContainers()
                .getFirst();
        assertThat(lockdown.getSecurityContext().getCapabilities().getAdd()).containsExactly("NET_ADMIN");
        assertThat(lockdown.getSecurityContext().getPrivileged()).isFalse();
    }

    @Test
    void namesTheVariablesThatSomebodyElseHasAdded() {
        Pod asWeSaid = create(Map.of());
        assertThat(PodSpecs.foreignVariables(asWeSaid, spec(ONE_SHOT, limits())))
                .isEmpty();

        Pod changed = new PodBuilder(create(Map.of()))
                .editSpec()
                .addNewContainer()
                .withName("injected")
                .addNewEnv()
                .withName("OF_ANOTHER_CONTAINER")
                .endEnv()
                .endContainer()
                .editFirstContainer()
                .addNewEnv()
                .withName("AGENT_TOKEN")
                .withValue("secret")
                .endEnv()
                .endContainer()
                .endSpec()
                .build();
        assertThat(PodSpecs.foreignVariables(changed, spec(ONE_SHOT, limits()))).containsExactly("AGENT_TOKEN");

        Pod unknown = new PodBuilder(create(Map.of()))
                .editSpec()
                .editFirstContainer()
                .addNewEnvFrom()
                .withNewSecretRef("secret", true)
                .endEnvFrom()
                .endContainer()
                .endSpec()
                .build();
        assertThat(PodSpecs.foreignVariables(unknown, spec(ONE_SHOT, limits()))).containsExactly("*");
    }

    private static Container container(Pod pod) {
        return pod.getSpec().getContainers().getFirst();
    }

    private static Pod create(Map<String, String> variables) {
        return create(variables, ONE_SHOT, Optional.empty());
    }

    private static Pod create(Map<String, String> variables, ResourceLimits limits) {
        return create(variables, ONE_SHOT, Optional.empty(), limits);
    }

    private static Pod create(Map<String, String> variables, SandboxId id, Optional<PodSpecs.Owner> owner) {
        return create(variables, id, owner, limits());
    }

    private static Pod create(
            Map<String, String> variables, SandboxId id, Optional<PodSpecs.Owner> owner, ResourceLimits limits) {
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        KubernetesConfig config = KubernetesConfig.from(settings);
        settings.verify();
        return new PodSpecs(config, "instance").create(spec(id, limits), UID, owner, NOW);
    }

    private static SandboxSpec spec(SandboxId id, ResourceLimits limits) {
        return new SandboxSpec(
                id,
                "default",
                List.of("python3", "-c", "loader"),
                Map.of("HOME", "/tmp", "PATH", "/usr/bin:/bin"),
                limits,
                NOW.plusSeconds(600));
    }

    private static ResourceLimits limits() {
        return ResourceLimits.from(new Settings(name -> Optional.empty()));
    }

    private static String golden() throws IOException {
        try (InputStream file = requireNonNull(PodSpecsTest.class.getResourceAsStream("pod-one-shot.yaml"))) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }
}
