package dev.codeinterpreter.chart;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.WindowsSecurityContextOptions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Pod Security Standard "restricted", control by control, for clusters whose admission does not know it yet. */
enum PodSecurity {
    // What "baseline" asks for.
    HOST_PROCESS((pod, in) -> in.windows().noneMatch(windows -> yes(windows.getHostProcess()))),
    HOST_NAMESPACES((pod, in) -> !yes(pod.getHostNetwork()) && !yes(pod.getHostPID()) && !yes(pod.getHostIPC())),
    PRIVILEGED((pod, in) -> in.contexts().noneMatch(context -> yes(context.getPrivileged()))),
    HOST_PATHS((pod, in) -> pod.getVolumes().stream().allMatch(volume -> volume.getHostPath() == null)),
    HOST_PORTS((pod, in) -> in.containers()
            .flatMap(container -> container.getPorts().stream())
            .allMatch(port -> port.getHostPort() == null || port.getHostPort() == 0)),
    APP_ARMOR((pod, in) -> in.annotations().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("container.apparmor.security.beta.kubernetes.io/"))
            .allMatch(entry -> entry.getValue().matches("runtime/default|localhost/.*"))),
    SE_LINUX((pod, in) -> in.seLinux()
            .allMatch(options -> options.getUser() == null
                    && options.getRole() == null
                    && In.SE_LINUX_TYPES.contains(Objects.requireNonNullElse(options.getType(), "")))),
    PROC_MOUNT((pod, in) -> in.contexts().allMatch(context -> in(context.getProcMount(), "Default"))),
    SYSCTLS((pod, in) -> in.pod()
            .map(context -> context.getSysctls().stream())
            .orElse(Stream.of())
            .allMatch(sysctl -> In.SAFE_SYSCTLS.contains(sysctl.getName()))),

    // What "restricted" asks for besides, or more strictly.
    VOLUME_TYPES((pod, in) -> pod.getVolumes().stream()
            .allMatch(volume -> volume.getEmptyDir() != null
                    || volume.getConfigMap() != null
                    || volume.getSecret() != null
                    || volume.getProjected() != null
                    || volume.getDownwardAPI() != null
                    || volume.getEphemeral() != null
                    || volume.getCsi() != null
                    || volume.getPersistentVolumeClaim() != null)),
    PRIVILEGE_ESCALATION((pod, in) -> in.everyContainer(SecurityContext::getAllowPrivilegeEscalation, Boolean.FALSE)),
    RUNNING_AS_NON_ROOT((pod, in) -> in.contexts().noneMatch(context -> no(context.getRunAsNonRoot()))
            && (in.pod().map(PodSecurityContext::getRunAsNonRoot).orElse(false)
                    || in.everyContainer(SecurityContext::getRunAsNonRoot, Boolean.TRUE))),
    NON_ROOT_USER((pod, in) -> in.pod().map(PodSecurityContext::getRunAsUser).orElse(1L) != 0
            && in.contexts().allMatch(context -> context.getRunAsUser() == null || context.getRunAsUser() != 0)),
    SECCOMP((pod, in) -> {
        boolean byPod = in.pod()
                .map(PodSecurityContext::getSeccompProfile)
                .filter(In::isConfined)
                .isPresent();
        return in.containers().allMatch(container -> {
            SecurityContext context = container.getSecurityContext();
            SeccompProfile own = context == null ? null : context.getSeccompProfile();
            return own == null ? byPod : In.isConfined(own);
        });
    }),
    CAPABILITIES((pod, in) -> in.containers().allMatch(container -> {
        SecurityContext context = container.getSecurityContext();
        return context != null
                && context.getCapabilities() != null
                && context.getCapabilities().getDrop().contains("ALL")
                && Set.of("NET_BIND_SERVICE")
                        .containsAll(context.getCapabilities().getAdd());
    }));

    @SuppressWarnings("ImmutableEnumChecker") // they are functions without a state
    private final BiPredicate<PodSpec, In> kept;

    PodSecurity(BiPredicate<PodSpec, In> kept) {
        this.kept = kept;
    }

    /** The controls that a pod does not keep. */
    static List<PodSecurity> violatedBy(Pod pod) {
        return Stream.of(values())
                .filter(control -> !control.kept.test(pod.getSpec(), new In(pod)))
                .toList();
    }

    private static boolean yes(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static boolean no(@Nullable Boolean value) {
        return Boolean.FALSE.equals(value);
    }

    private static boolean in(@Nullable String value, String only) {
        return value == null || value.equals(only);
    }

    /** Parts of a pod. */
    private record In(Pod whole) {
        static final Set<String> SE_LINUX_TYPES =
                Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
        static final Set<String> SAFE_SYSCTLS = Set.of(
                "kernel.shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.ip_unprivileged_port_start",
                "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range");

        static boolean isConfined(SeccompProfile profile) {
            return Set.of("RuntimeDefault", "Localhost").contains(profile.getType());
        }

        Map<String, String> annotations() {
            return Objects.requireNonNullElse(whole.getMetadata().getAnnotations(), Map.of());
        }

        Optional<PodSecurityContext> pod() {
            return Optional.ofNullable(whole.getSpec().getSecurityContext());
        }

        Stream<Container> containers() {
            return Stream.concat(
                    whole.getSpec().getContainers().stream(), whole.getSpec().getInitContainers().stream());
        }

        Stream<SecurityContext> contexts() {
            return containers().map(Container::getSecurityContext).filter(Objects::nonNull);
        }

        <T> boolean everyContainer(Function<SecurityContext, T> field, T value) {
            return containers()
                    .allMatch(container -> container.getSecurityContext() != null
                            && value.equals(field.apply(container.getSecurityContext())));
        }

        Stream<SELinuxOptions> seLinux() {
            return Stream.concat(
                            pod().map(PodSecurityContext::getSeLinuxOptions).stream(),
                            contexts().map(SecurityContext::getSeLinuxOptions))
                    .filter(Objects::nonNull);
        }

        Stream<WindowsSecurityContextOptions> windows() {
            return Stream.concat(
                            pod().map(PodSecurityContext::getWindowsOptions).stream(),
                            contexts().map(SecurityContext::getWindowsOptions))
                    .filter(Objects::nonNull);
        }
    }
}
