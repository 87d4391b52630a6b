/**
 * One run of a program, in a sandbox of its own or in a session: acquire a permit, stage files, run, collect. {@link
 * dev.codeinterpreter.run.ProgramRuns} talks to the runner; nothing here knows HTTP, an engine, or whether there is a pool.
 */
@NullMarked
package dev.codeinterpreter.run;

import org.jspecify.annotations.NullMarked;
