/** What tenants have used: {@code GET /v1/usage}. */
@NullMarked
package dev.codeinterpreter.usage;

import org.jspecify.annotations.NullMarked;
