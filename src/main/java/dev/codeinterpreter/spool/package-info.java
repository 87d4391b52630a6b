/**
 * Bytes that wait: a little in the heap, the rest in files without names, all of them counted in one {@link
 * dev.codeinterpreter.storage.StorageBudget}.
 */
@NullMarked
package dev.codeinterpreter.spool;

import org.jspecify.annotations.NullMarked;
