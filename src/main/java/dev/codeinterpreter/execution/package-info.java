/**
 * {@code POST /v1/execute}: a program in a sandbox of its own, claimed from the pool and closed after the answer.
 */
@NullMarked
package dev.codeinterpreter.execution;

import org.jspecify.annotations.NullMarked;
