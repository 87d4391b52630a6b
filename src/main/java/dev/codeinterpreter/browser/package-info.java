/**
 * Which web pages may call the service: rules about Origin, Sec-Fetch-Site and Host.
 */
@NullMarked
package dev.codeinterpreter.browser;

import org.jspecify.annotations.NullMarked;
