/** Files in a directory that several processes, on one host or several, have in common. */
@NullMarked
package dev.codeinterpreter.files.shared;

import org.jspecify.annotations.NullMarked;
