/**
 * {@code GET /v1/sandbox}: what a program finds in its sandbox, for clients that describe it to a model. An image is asked once, by
 * a program that runs in a sandbox as any other does, and what it says is believed no more than any other's output.
 */
@NullMarked
package dev.codeinterpreter.inventory;

import org.jspecify.annotations.NullMarked;
