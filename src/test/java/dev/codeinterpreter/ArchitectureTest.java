package dev.codeinterpreter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which package may know which, and what no class does. A rule that has to give way is changed here, with its reason. */
class ArchitectureTest {
    private static final String ROOT = "dev.codeinterpreter";
    private static final String DOCKER = ROOT + ".sandbox.docker..";
    private static final String KUBERNETES = ROOT + ".sandbox.kubernetes..";
    private static final Set<String> CLOCKS =
            Set.of("java.lang.Thread.sleep", "java.lang.System.currentTimeMillis", "java.time.Instant.now");
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages(ROOT);

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyTheDockerBackendTouchesTheDockerClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage(DOCKER)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.github.dockerjava..")
                .check(MAIN);
    }

    @Test
    void onlyTheKubernetesBackendTouchesTheKubernetesClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage(KUBERNETES)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fabric8..")
                .check(MAIN);
    }

    /** What is off is not loaded. */
    @Test
    void onlyTracesTouchOpenTelemetry() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".trace")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCKER, KUBERNETES})
    void nobodyImportsABackend(String backend) {
        noClasses()
                .that()
                .resideOutsideOfPackage(backend)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(backend)
                .because("CDI finds the backend that EXECUTOR_BACKEND names")
                .check(MAIN);
    }

    @Test
    void onlyTheStoreInABucketTouchesItsClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".files.s3..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk..")
                .because("nothing of it is loaded for the other stores")
                .check(MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "shared", "s3"})
    void nobodyImportsAStore(String storage) {
        String store = ROOT + ".files." + storage + "..";
        noClasses()
                .that()
                .resideOutsideOfPackage(store)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(store)
                .because("CDI finds the one that FILE_STORAGE names")
                .check(MAIN);
    }

    /**
     * {@code JsonOutput}, {@code DocumentAnswer} and the three of events write the answers of resources, {@code OpenPaths} and
     * {@code ServerSetup} read their paths: part of the edge, whatever their names.
     */
    @Test
    void httpStaysAtTheEdge() {
        noClasses()
                .that()
                .haveNameNotMatching(
                        ".*(Resource|Mapper|Filter|Interceptor|JsonOutput|StreamedAnswer|EventChannel|MessageStream|McpResponses|DocumentAnswer|OpenPaths|ServerSetup|CodeInterpreterApplication)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jakarta.ws.rs..")
                .because("storage and sandboxes know no HTTP")
                .check(MAIN);
    }

    /** A bean of one instance is made with those that need it, which may be before Helidon has made its registry. */
    @Test
    void metricsHoldersAreApplicationScoped() {
        fields().that()
                .haveRawType("org.eclipse.microprofile.metrics.MetricRegistry")
                .should()
                .beDeclaredInClassesThat()
                .areAnnotatedWith(ApplicationScoped.class)
                .because("a second registry and the first wait for each other's locks")
                .check(MAIN);
    }

    @Test
    void waitsAreEventsAndMomentsComeFromTheClock() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".config")
                .should()
                .accessTargetWhere(DescribedPredicate.describe(
                        "it is one of " + CLOCKS,
                        access -> CLOCKS.contains(access.getTargetOwner().getName() + "." + access.getName())))
                .check(MAIN);
    }

    @Test
    void classesAreNamedForWhatTheyAre() {
        noClasses().should().haveSimpleNameEndingWith("Impl").check(MAIN);
        noClasses().should().haveSimpleNameEndingWith("Utils").check(MAIN);
        noClasses().should().haveSimpleNameEndingWith("Helper").check(MAIN);
        noClasses().should().haveSimpleNameEndingWith("Manager").check(MAIN);
    }

    /** A test without its annotation is never run, and nobody notices. */
    @Test
    void everyTestIsRun() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*(Test|IT|Contract)")
                .and()
                .doNotHaveModifier(JavaModifier.PRIVATE)
                .and()
                .haveRawReturnType(void.class)
                .and()
                .haveRawParameterTypes(new Class<?>[0])
                .should()
                .beAnnotatedWith(DescribedPredicate.describe(
                        "an annotation of JUnit",
                        (JavaAnnotation<?> annotation) ->
                                annotation.getRawType().getPackageName().startsWith("org.junit.jupiter")))
                .check(TESTS);
    }
}
