/** A backend without an engine: for tests of what is above the seam, and for measuring the service without one. */
@NullMarked
package dev.codeinterpreter.fake;

import org.jspecify.annotations.NullMarked;
