/**
 * The protocol with the runner, the Python program that is a sandbox's only process of ours. {@link
 * dev.codeinterpreter.runner.RunnerChannel} is the way in; nothing outside this package knows a frame. Every byte that
 * comes from a sandbox is taken for hostile: each frame, each total and each wait is bounded here.
 *
 * <p>A frame is a type (1 byte), a length (4 bytes, big endian) and a payload of at most 64 KiB. Before the first one the
 * service sends the runner itself: its length (4 bytes) and its text, which the loader, the container's command, executes.
 */
@NullMarked
package dev.codeinterpreter.runner;

import org.jspecify.annotations.NullMarked;
