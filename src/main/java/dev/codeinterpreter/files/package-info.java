/**
 * Files that clients upload and programs leave: {@link dev.codeinterpreter.files.FileStore} keeps them for the time that
 * FILE_TTL_SEC gives them, in the place that FILE_STORAGE names. Each place is a package below, and is known by {@link
 * dev.codeinterpreter.files.FileBackend} only.
 */
@NullMarked
package dev.codeinterpreter.files;

import org.jspecify.annotations.NullMarked;
