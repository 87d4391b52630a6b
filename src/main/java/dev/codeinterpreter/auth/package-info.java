/**
 * Who sends a request: keys out of a file and tokens of an issuer, what each resource asks for, and how often a tenant may
 * ask. Off unless AUTH_KEYS_FILE or AUTH_JWT_ISSUER is set.
 */
@NullMarked
package dev.codeinterpreter.auth;

import org.jspecify.annotations.NullMarked;
