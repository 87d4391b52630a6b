/**
 * In whose name a request is served: its tenant, what it may do, and what is noted of it. Every other package may know this
 * one; it knows none.
 */
@NullMarked
package dev.codeinterpreter.tenant;

import org.jspecify.annotations.NullMarked;
