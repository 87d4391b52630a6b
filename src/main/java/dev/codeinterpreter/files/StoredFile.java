package dev.codeinterpreter.files;

import java.time.Instant;

/**
 * What is known of a stored file.
 *
 * @param owner who alone may use it
 * @param name as the client or the program called it: any text, for display only, never a path of ours
 * @param size in bytes
 */
public record StoredFile(FileId id, Owner owner, String name, long size, Instant uploadTime) {}
