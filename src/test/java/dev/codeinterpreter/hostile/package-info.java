/**
 * Programs and requests that mean harm. {@link dev.codeinterpreter.hostile.HostilePrograms} is the list: a new case is one
 * more row there.
 */
@NullMarked
package dev.codeinterpreter.hostile;

import org.jspecify.annotations.NullMarked;
