/** The HTTP contract, case by case, against the real service. */
@NullMarked
package dev.codeinterpreter.contract;

import org.jspecify.annotations.NullMarked;
