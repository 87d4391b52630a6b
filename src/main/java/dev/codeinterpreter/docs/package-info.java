/**
 * The description of the service for programs ({@code openapi.json}, written by hand beside the page's sources) and for
 * people (Swagger UI, out of the jar of smallrye-open-api-ui).
 */
@NullMarked
package dev.codeinterpreter.docs;

import org.jspecify.annotations.NullMarked;
