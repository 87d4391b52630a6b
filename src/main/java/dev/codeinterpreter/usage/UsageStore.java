package dev.codeinterpreter.usage;

import dev.codeinterpreter.error.ServiceException;
import java.util.List;
import java.util.Optional;

/**
 * Where replicas leave what they have counted: small objects, of which each has a name of at most 100 of {@code A-Za-z0-9~-}.
 * All methods may be called from any thread, and throw {@link ServiceException} {@code STORAGE_UNAVAILABLE} when what is
 * below does not answer; a directory of a network may never do.
 */
public interface UsageStore extends AutoCloseable {
    /** Of an object: some 12,000 tenants. */
    int MAX_BYTES = 4 << 20;

    /** Of a list: that many have 10 MB of heap. */
    int MAX_ENTRIES = 50_000;

    /**
     * An object that is there.
     *
     * @param version another whenever its content is another
     */
    record Entry(String name, String version, long size) {}

    /** Puts an object into place, whole or not at all; one with the same name is replaced. */
    void write(String name, byte[] content);

    /**
     * What is there whose name comes after {@code after} and before {@code before}, by their names; the last {@value
     * #MAX_ENTRIES} where it is more.
     */
    List<Entry> list(String after, String before);

    /** The first {@value #MAX_BYTES} bytes of an object that is not empty; nothing when it is gone. */
    Optional<byte[]> read(String name);

    /** What is not there is deleted. */
    void delete(List<String> names);

    @Override
    void close();
}
