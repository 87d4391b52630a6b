package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the list finds what it is there to find. */
class PodSecurityTest {
    private static final String GOOD = """
            {"metadata": {"name": "x", "annotations": {}},
             "spec": {
              "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
              "volumes": [{"name": "v", "emptyDir": {}}],
              "containers": [{"name": "c", "ports": [{"containerPort": 80}],
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]}}
            """;

    @Test
    void hasNothingAgainstAPodThatKeepsEveryControl() {
        assertThat(PodSecurity.violatedBy(pod(GOOD))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOST_PROCESS | \"runAsNonRoot\": true | \"runAsNonRoot\": true, \"windowsOptions\": {\"hostProcess\": true}",
                "HOST_NAMESPACES | \"spec\": { | \"spec\": {\"hostNetwork\": true,",
                "HOST_NAMESPACES | \"spec\": { | \"spec\": {\"hostPID\": true,",
                "HOST_NAMESPACES | \"spec\": { | \"spec\": {\"hostIPC\": true,",
                "PRIVILEGED | \"allowPrivilegeEscalation\": false | \"allowPrivilegeEscalation\": false, \"privileged\": true",
                "HOST_PORTS | \"containerPort\": 80 | \"containerPort\": 80, \"hostPort\": 80",
                "APP_ARMOR | \"annotations\": {} | \"annotations\": {\"container.apparmor.security.beta.kubernetes.io/c\": \"unconfined\"}",
                "SE_LINUX | \"runAsNonRoot\": true | \"runAsNonRoot\": true, \"seLinuxOptions\": {\"type\": \"spc_t\"}",
                "PROC_MOUNT | \"allowPrivilegeEscalation\": false | \"allowPrivilegeEscalation\": false, \"procMount\": \"Unmasked\"",
                "SYSCTLS | \"runAsNonRoot\": true | \"runAsNonRoot\": true, \"sysctls\": [{\"name\": \"kernel.msgmax\", \"value\": \"1\"}]",
                "VOLUME_TYPES | \"emptyDir\": {} | \"nfs\": {\"server\": \"x\", \"path\": \"/\"}",
                "PRIVILEGE_ESCALATION | \"allowPrivilegeEscalation\": false | \"readOnlyRootFilesystem\": true",
                "RUNNING_AS_NON_ROOT | \"runAsNonRoot\": true | \"runAsUser\": 1000",
                "NON_ROOT_USER | \"allowPrivilegeEscalation\": false | \"allowPrivilegeEscalation\": false, \"runAsUser\": 0",
                "SECCOMP | RuntimeDefault | Unconfined",
                "CAPABILITIES | \"drop\": [\"ALL\"] | \"drop\": [\"ALL\"], \"add\": [\"NET_ADMIN\"]",
                "CAPABILITIES | \"drop\": [\"ALL\"] | \"drop\": [\"NET_RAW\"]",
            })
    void finds(PodSecurity control, String part, String instead) {
        String bad = GOOD.replace(part, instead);
        assertThat(bad).isNotEqualTo(GOOD);
        assertThat(PodSecurity.violatedBy(pod(bad))).containsExactly(control);
    }

    /** Which is a type of volume that "restricted" does not have either. */
    @Test
    void findsDirectoriesOfTheNode() {
        Pod pod = pod(GOOD.replace("\"emptyDir\": {}", "\"hostPath\": {\"path\": \"/\"}"));
        assertThat(PodSecurity.violatedBy(pod))
                .containsExactlyInAnyOrder(PodSecurity.HOST_PATHS, PodSecurity.VOLUME_TYPES);
    }

    private static Pod pod(String json) {
        return Serialization.unmarshal(json, Pod.class);
    }
}
