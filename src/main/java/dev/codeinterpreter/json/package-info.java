/** JSON-P without its price. */
@NullMarked
package dev.codeinterpreter.json;

import org.jspecify.annotations.NullMarked;
