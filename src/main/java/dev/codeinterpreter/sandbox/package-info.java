/**
 * The seam. A backend launches a single-use container and hands over one duplex byte channel to it; everything that is
 * done with a sandbox is written once, above this package. A new backend is a CDI bean named as EXECUTOR_BACKEND names it.
 */
@NullMarked
package dev.codeinterpreter.sandbox;

import org.jspecify.annotations.NullMarked;
