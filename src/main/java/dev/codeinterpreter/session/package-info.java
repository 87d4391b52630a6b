/**
 * Sandboxes that live on between commands. {@link dev.codeinterpreter.session.SessionService} keeps no state: which
 * sessions there are is known to the engine, what is in them to their runners, so any process of ours serves any session.
 */
@NullMarked
package dev.codeinterpreter.session;

import org.jspecify.annotations.NullMarked;
