package dev.codeinterpreter.harness;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What happens once in a JVM of integration tests: the start of the service is recorded before the first test, whose time
 * it would take otherwise. The pom has it found by itself.
 */
public final class TestRun implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        ServiceProcess.prepare();
    }
}
