/**
 * Sandboxes on a Docker Engine, over its API: no command line client, no shell. {@link
 * dev.codeinterpreter.sandbox.docker.ContainerSpecs} says what a container is; {@link
 * dev.codeinterpreter.sandbox.docker.DockerBackend} makes it so.
 */
@NullMarked
package dev.codeinterpreter.sandbox.docker;

import org.jspecify.annotations.NullMarked;
