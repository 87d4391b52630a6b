package dev.codeinterpreter.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skipped on every other backend, where there is no such thing; the value says what. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnlyOnDocker.Condition.class)
public @interface OnlyOnDocker {
    String value();

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getElement()
                    .map(element -> element.getAnnotation(OnlyOnDocker.class))
                    .filter(_ -> Backend.current() != Backend.DOCKER)
                    .map(only -> ConditionEvaluationResult.disabled("only Docker has " + only.value()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("a subject of every backend"));
        }
    }
}
