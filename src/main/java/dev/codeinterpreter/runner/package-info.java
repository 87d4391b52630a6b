/**
 * The protocol with the runner, the Python program that is a sandbox's only process of ours. {@link
 * dev.codeinterpreter.runner.RunnerChannel} sends what a sandbox has to do and returns each {@link
 * dev.codeinterpreter.runner.Frame} of its answer. Every byte that comes from a sandbox is taken for hostile: each frame
 * and each total is bounded here, each wait by the owner of the sandbox, who closes it.
 *
 * <p>A frame is a type (1 byte), a length (4 bytes, big endian) and a payload of at most 64 KiB. Before the first one the
 * service sends the runner itself to the loader, which is the container's command: what another sandbox has compiled of it
 * or nothing, the number of modules, and the name and source of each. Each of these but the number is a block: its length
 * (4 bytes) and its bytes.
 */
@NullMarked
package dev.codeinterpreter.runner;

import org.jspecify.annotations.NullMarked;
