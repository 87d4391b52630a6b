/** Files of the jar that browsers get: the pages of {@code docs} and {@code playground} are made of them. */
@NullMarked
package dev.codeinterpreter.page;

import org.jspecify.annotations.NullMarked;
