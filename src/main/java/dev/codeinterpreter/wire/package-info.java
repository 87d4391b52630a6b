/**
 * JSON in: {@link dev.codeinterpreter.wire.RequestBodies} reads a body of any size in a small heap, and
 * {@link dev.codeinterpreter.wire.Fields} judges it strictly, in the words of the reference.
 */
@NullMarked
package dev.codeinterpreter.wire;

import org.jspecify.annotations.NullMarked;
