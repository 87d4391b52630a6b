/** What the service makes of an engine that fails, of its own end, and of more clients than it can serve. */
@NullMarked
package dev.codeinterpreter.faults;

import org.jspecify.annotations.NullMarked;
