/**
 * The certificate of the service's port, and PEM files. Off unless TLS_CERT_FILE and TLS_KEY_FILE are set; the handshakes are
 * the JDK's, on sockets of the web server.
 */
@NullMarked
package dev.codeinterpreter.tls;

import org.jspecify.annotations.NullMarked;
