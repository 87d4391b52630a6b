package dev.codeinterpreter.auth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.codeinterpreter.CodeInterpreterApplication;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No method that HTTP reaches is without a decision who reaches it; and those that are open are those of the contract. */
class AccessTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.codeinterpreter");

    private static final OpenPaths OPEN = OpenPaths.of(new CodeInterpreterApplication().getClasses());

    @Test
    void everyMethodOfAResourceHasADecision() {
        methods()
                .that(DescribedPredicate.describe(
                        "answer an HTTP method",
                        (JavaMethod method) -> method.getAnnotations().stream()
                                .anyMatch(annotation -> annotation.getRawType().isAnnotatedWith(HttpMethod.class))))
                .should()
                .beAnnotatedWith(Access.class)
                .check(MAIN);
    }

    /** Its methods would have no decision of their own. */
    @Test
    void resourcesHaveNoSubResources() {
        methods()
                .that()
                .areAnnotatedWith(Path.class)
                .should()
                .beAnnotatedWith(DescribedPredicate.describe(
                        "an HTTP method", annotation -> annotation.getRawType().isAnnotatedWith(HttpMethod.class)))
                .check(MAIN);
    }

    /** What the web server routes by itself passes the filters of ServerSetup, and no other class adds routes. */
    @Test
    void onlyTheServersSetupAddsRoutesToTheWebServer() {
        noClasses()
                .that()
                .doNotHaveSimpleName("ServerSetup")
                .and()
                // It asks for the port.
                .doNotHaveSimpleName("ServerState")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.helidon.microprofile.server.ServerCdiExtension")
                .because("a route of the web server is decided about in OpenPaths, and in the matrix of KeysIT")
                .check(MAIN);
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.helidon\\.webserver\\.http\\.(HttpService|HttpFeature)|.*\\.RoutingPath")
                .check(MAIN);
    }

    @Test
    void theApplicationListsEveryResource() {
        Set<String> resources = new TreeSet<>();
        MAIN.stream().filter(type -> type.isAnnotatedWith(Path.class)).forEach(type -> resources.add(type.getName()));
        List<String> listed = new CodeInterpreterApplication()
                .getClasses().stream().map(Class::getName).toList();
        assertThat(listed).containsAll(resources);
    }

    @Test
    void theOpenMethodsAreThoseOfTheContract() {
        Set<String> open = new TreeSet<>();
        for (Class<?> type : new CodeInterpreterApplication().getClasses()) {
            for (Method method : type.getMethods()) {
                Access access = method.getAnnotation(Access.class);
                if (access != null && access.value() == Need.OPEN) {
                    open.add(type.getSimpleName() + "." + method.getName());
                }
            }
        }
        assertThat(open)
                .containsExactly(
                        "DocsResource.asset",
                        "DocsResource.openApi",
                        "DocsResource.page",
                        "HealthResource.health",
                        "HealthResource.ready",
                        "PlaygroundResource.part");
    }

    @ParameterizedTest
    @CsvSource({
        "/health, OPEN",
        "/ready, OPEN",
        "/health/live, OPEN",
        "/health/ready, OPEN",
        "/health/started, OPEN",
        "/docs, OPEN",
        "/docs/start.js, OPEN",
        "/openapi.json, OPEN",
        "/metrics, OPEN",
        "/metrics/base, OPEN",
        "/redoc, CREDENTIAL",
        "/, OPEN",
        "/playground/main.js, OPEN",
        "/.well-known/oauth-protected-resource/mcp, OPEN",
        "/.well-known/../v1/files, CREDENTIAL",
        "/mcp, CREDENTIAL",
        "/v1/files, CREDENTIAL",
        "/nothing, CREDENTIAL",
        "/Health, CREDENTIAL",
        "/health;v=1, CREDENTIAL",
        "/health%2Flive, CREDENTIAL",
        "//health, CREDENTIAL",
        "/docs/../v1/files, CREDENTIAL",
        "/docs/.., CREDENTIAL",
        "/docs/%2e%2e, CREDENTIAL",
        "/docs/a/b, CREDENTIAL",
        "/healthz, CREDENTIAL"
    })
    void pathsAreOpenOnlyAsTheyAreWritten(String path, Need need) {
        assertThat(OPEN.need(path, path, false)).isEqualTo(need);
    }

    @ParameterizedTest
    @CsvSource({
        "/metrics, /metrics",
        "/metrics/base, /metrics/base",
        "/metrics;x=1, /metrics",
        "/%6detrics, /metrics",
        "//metrics, //metrics",
        "/./metrics, /metrics"
    })
    void metricsAskForTheirScopeHoweverThePathIsWritten(String raw, String routed) {
        assertThat(OPEN.need(raw, routed, true)).isEqualTo(Need.METRICS);
    }

    @Test
    void everyScopeIsANeed() {
        List<String> needs = Arrays.stream(Need.values()).map(Enum::name).toList();
        assertThat(needs)
                .containsAll(Arrays.stream(dev.codeinterpreter.tenant.Scope.values())
                        .map(Enum::name)
                        .toList());
    }
}
