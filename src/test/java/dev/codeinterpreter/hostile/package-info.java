/**
 * Programs and requests that mean harm. {@code HostileLoads}, {@code HostileOutput}, {@code HostileFiles} and
 * {@code HostileProbes} are the lists: a new case is one
 * more row there.
 */
@NullMarked
package dev.codeinterpreter.hostile;

import org.jspecify.annotations.NullMarked;
