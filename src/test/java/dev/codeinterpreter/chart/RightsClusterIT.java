package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service's account may do what the service does, and nothing else; what the API server says of it. */
@Timeout(120)
class RightsClusterIT {
    private static InstalledChart chart;
    private static KubernetesClient service;

    @BeforeAll
    static void install() {
        chart = InstalledChart.with(Map.of("configMap.create", true, "configMap.data.WARM_POOL_SIZE", 0));
        service = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(chart.cluster().getConfiguration())
                        .withImpersonateUsername(
                                "system:serviceaccount:%s:%s".formatted(chart.namespace(), InstalledChart.NAME))
                        .withImpersonateGroups(
                                "system:serviceaccounts",
                                "system:serviceaccounts:" + chart.namespace(),
                                "system:authenticated")
                        .build())
                .build();
    }

    @AfterAll
    static void remove() {
        service.close();
        chart.close();
    }

    @Test
    void areEnough() {
        Api api = chart.api();
        assertThat(api.get("/ready").status()).isEqualTo(200);
        assertThat(api.run("print(1)").stdout()).isEqualTo("1\n");
        try (Session session = Session.begin(api)) {
            assertThat(session.bash("echo 1").stdout()).isEqualTo("1\n");
        }
    }

    /** Beside what everybody may: ask about their own rights. */
    @Test
    void areThese() {
        assertThat(rules(chart.namespace()))
                .containsExactlyInAnyOrder(
                        "create,get,list,watch,delete pods",
                        "create,get pods/exec",
                        "list events",
                        "get deployments " + InstalledChart.NAME);
        assertThat(rules("default")).isEmpty();
        assertThat(rules("kube-system")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "get, '', secrets, ''",
        "list, '', secrets, ''",
        "get, '', configmaps, ''",
        "update, '', pods, ''",
        "patch, '', pods, ''",
        "deletecollection, '', pods, ''",
        "create, '', pods, attach",
        "create, '', pods, portforward",
        "get, '', pods, log",
        "create, '', pods, binding",
        "update, '', pods, ephemeralcontainers",
        "create, '', serviceaccounts, token",
        "impersonate, '', serviceaccounts, ''",
        "create, rbac.authorization.k8s.io, rolebindings, ''",
        "update, rbac.authorization.k8s.io, roles, ''",
        "list, apps, deployments, ''",
        "update, apps, deployments, ''",
        "create, apps, daemonsets, ''",
        "delete, networking.k8s.io, networkpolicies, ''",
        "get, '', nodes, proxy",
        "list, '', namespaces, ''",
    })
    void areNoMore(String verb, String group, String resource, String subresource) {
        SelfSubjectAccessReview review = service.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withNamespace(chart.namespace())
                        .withVerb(verb)
                        .withGroup(group)
                        .withResource(resource)
                        .withSubresource(subresource)
                        .endResourceAttributes()
                        .endSpec()
                        .build());
        assertThat(review.getStatus().getAllowed()).isFalse();
    }

    private static List<String> rules(String namespace) {
        return service
                .authorization()
                .v1()
                .selfSubjectRulesReview()
                .create(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(namespace)
                        .endSpec()
                        .build())
                .getStatus()
                .getResourceRules()
                .stream()
                .filter(rule -> !rule.getApiGroups().equals(List.of("authorization.k8s.io")))
                .map(rule -> "%s %s %s"
                        .formatted(
                                String.join(",", rule.getVerbs()),
                                String.join(",", rule.getResources()),
                                String.join(",", Objects.requireNonNullElse(rule.getResourceNames(), List.of())))
                        .strip())
                .toList();
    }
}
