/**
 * Sandboxes as pods. {@link dev.codeinterpreter.sandbox.kubernetes.PodSpecs} says what a pod is; {@link
 * dev.codeinterpreter.sandbox.kubernetes.KubernetesBackend} makes it so.
 *
 * <p>Theory of operation: what a pod's own process prints is kept on the node and may be cut off at any time, so the
 * sandbox's command is not process 1. Process 1 only waits; the command is started by exec, whose stream is the channel
 * ({@link dev.codeinterpreter.sandbox.kubernetes.ExecChannel}), and when the command ends process 1 does. One watch of all our
 * pods ({@link dev.codeinterpreter.sandbox.kubernetes.PodWatch}) tells when a pod runs, why it never will, and that it has
 * gone, which its stream may not notice.
 */
@NullMarked
package dev.codeinterpreter.sandbox.kubernetes;

import org.jspecify.annotations.NullMarked;
