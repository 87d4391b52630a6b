package dev.codeinterpreter.files;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStoreListener.Operation;
import java.time.Duration;
import java.util.function.Supplier;

/** Measures calls of one kind of store. */
record Observer(FileStorage storage, FileStoreListener listener) {

    /** @param bytes that the call moves when it succeeds */
    <T> T observe(Operation operation, long bytes, Supplier<T> call) {
        long begin = System.nanoTime();
        boolean failed = true;
        long moved = 0;
        try {
            T result = call.get();
            failed = false;
            moved = result instanceof StoredContent content ? content.size() : bytes;
            return result;
        } catch (ServiceException e) {
            failed = e.code() != ErrorCode.STORAGE_FULL;
            throw e;
        } finally {
            listener.done(storage, operation, Duration.ofNanos(System.nanoTime() - begin), failed, moved);
        }
    }
}
