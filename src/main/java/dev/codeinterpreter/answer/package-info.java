/**
 * What a client reads of a run, as a whole ({@link dev.codeinterpreter.answer.BufferedAnswer}) or while it goes on ({@link
 * dev.codeinterpreter.answer.StreamedAnswer}).
 */
@NullMarked
package dev.codeinterpreter.answer;

import org.jspecify.annotations.NullMarked;
