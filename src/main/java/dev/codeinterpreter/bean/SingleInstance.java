package dev.codeinterpreter.bean;

import jakarta.enterprise.inject.Stereotype;
import jakarta.inject.Singleton;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Of such a bean there is one, made when the first that needs it is made. Unlike a bean of the application's scope it is
 * called by itself and not through a proxy: generating those took a fifteenth of the start, and their calls of methods that
 * are not public go through reflection. {@link Singleton} alone does not make a bean of a class.
 *
 * <p>A bean that must not be made before its first call (it opens something, or needs what the framework makes late) is of
 * the application's scope.
 */
// A stereotype is the one interface that may have a scope.
@SuppressWarnings("InjectScopeAnnotationOnInterfaceOrAbstractClass")
@Stereotype
@Singleton
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface SingleInstance {}
