/**
 * What the integration tests stand on: the real service as a process of its own ({@link
 * dev.codeinterpreter.harness.ServiceProcess}), a client for it ({@link dev.codeinterpreter.harness.Api}), and a view of
 * the engine beside it ({@link dev.codeinterpreter.harness.Engine}).
 */
@NullMarked
package dev.codeinterpreter.harness;

import org.jspecify.annotations.NullMarked;
