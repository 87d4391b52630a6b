/**
 * Files that clients upload and programs leave: {@link dev.codeinterpreter.files.FileStore} keeps them on disk for the
 * time that FILE_TTL_SEC gives them.
 */
@NullMarked
package dev.codeinterpreter.files;

import org.jspecify.annotations.NullMarked;
