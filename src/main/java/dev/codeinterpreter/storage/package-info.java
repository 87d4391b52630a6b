/**
 * How much the service keeps at a time, on disk and in the heap, for its clients: {@link
 * dev.codeinterpreter.storage.StorageBudget}; and where: {@link dev.codeinterpreter.storage.PrivateDirectory}.
 */
@NullMarked
package dev.codeinterpreter.storage;

import org.jspecify.annotations.NullMarked;
