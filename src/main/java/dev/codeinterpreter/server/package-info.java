/** What the web server does not do by itself, below JAX-RS. */
@NullMarked
package dev.codeinterpreter.server;

import org.jspecify.annotations.NullMarked;
