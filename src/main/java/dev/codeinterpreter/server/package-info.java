/**
 * What the web server does not do by itself, below JAX-RS and in its filters. A byte of a client comes through {@code
 * ReadAhead}, {@code ClientIo} and {@code http1.RequestBytes}, which {@code ServedConnection} puts together for each
 * connection, to Helidon.
 */
@NullMarked
package dev.codeinterpreter.server;

import org.jspecify.annotations.NullMarked;
