/**
 * One run of a program, from the request to the answer: claim a place, launch, stage, run, collect, close. {@link
 * dev.codeinterpreter.execution.ExecutionService} is the flow; it knows neither HTTP nor an engine.
 */
@NullMarked
package dev.codeinterpreter.execution;

import org.jspecify.annotations.NullMarked;
