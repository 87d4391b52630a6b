@NullMarked
package dev.codeinterpreter.storage;

import org.jspecify.annotations.NullMarked;
