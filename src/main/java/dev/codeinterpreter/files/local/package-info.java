/** Files in a directory that one process owns, with an index in its memory. */
@NullMarked
package dev.codeinterpreter.files.local;

import org.jspecify.annotations.NullMarked;
