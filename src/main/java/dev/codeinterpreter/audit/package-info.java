/** One line of JSON for each execution, session, file and refusal (AUDIT_LOG). It costs requests no time and fails none. */
@NullMarked
package dev.codeinterpreter.audit;

import org.jspecify.annotations.NullMarked;
