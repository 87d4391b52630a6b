package dev.codeinterpreter.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who reaches a resource's method. Every method has one: without it nobody reaches the method where credentials are asked
 * for, and a test fails.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Access {
    Need value();

    /** What the method does, as the audit log calls it; empty for what is not worth a line. */
    String audited() default "";
}
