/** Typed reads of the environment: {@link dev.codeinterpreter.config.Settings}; and the clock. */
@NullMarked
package dev.codeinterpreter.config;

import org.jspecify.annotations.NullMarked;
