package dev.codeinterpreter.files.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerKey;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.TimeOrderedId;
import java.util.Base64;
import java.util.Optional;

/**
 * The key of a stored file: {@code <prefix>files/<owner>/<id's key>.<name>}, so that a list has all that is known of a file,
 * and the newest first. A long name is behind the content instead, and its length in the key: {@code <id's key>~<bytes>}.
 *
 * @param text all of it
 * @param id of the file
 * @param name where it is in the key
 * @param nameBytes behind the content where it is not
 */
record S3Key(String text, FileId id, Optional<String> name, int nameBytes) {
    /** Keys have at most 1024 bytes: 200 of prefix, 50 of owner, 33 of id. */
    private static final int MAX_NAME = 700;

    private static final int ID_LENGTH = 32;
    private static final char NAME_FOLLOWS = '.';
    private static final char NAME_IS_INSIDE = '~';

    /** The beginning of all keys of files. */
    static String all(String prefix) {
        return prefix + "files/";
    }

    /** The beginning of all keys of an owner's files. */
    static String all(String prefix, Owner owner) {
        return all(prefix) + OwnerKey.of(owner) + "/";
    }

    static S3Key of(String prefix, Owner owner, FileId id, String name) {
        String key = all(prefix, owner) + TimeOrderedId.key(id);
        byte[] utf8 = name.getBytes(UTF_8);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(utf8);
        return encoded.length() <= MAX_NAME
                ? new S3Key(key + NAME_FOLLOWS + encoded, id, Optional.of(name), 0)
                : new S3Key(key + NAME_IS_INSIDE + utf8.length, id, Optional.empty(), utf8.length);
    }

    /** Empty when it is not one of ours. */
    static Optional<S3Key> parse(String key) {
        String last = key.substring(key.lastIndexOf('/') + 1);
        if (last.length() <= ID_LENGTH) {
            return Optional.empty();
        }
        char kind = last.charAt(ID_LENGTH);
        String rest = last.substring(ID_LENGTH + 1);
        try {
            return TimeOrderedId.parse(last.substring(0, ID_LENGTH)).flatMap(id -> switch (kind) {
                case NAME_FOLLOWS ->
                    Optional.of(new S3Key(
                            key,
                            id,
                            Optional.of(new String(Base64.getUrlDecoder().decode(rest), UTF_8)),
                            0));
                case NAME_IS_INSIDE -> Optional.of(new S3Key(key, id, Optional.empty(), Integer.parseInt(rest)));
                default -> Optional.<S3Key>empty();
            });
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The file, of whose object's {@code objectBytes} some may be its name. */
    StoredFile file(Owner owner, String fileName, long objectBytes) {
        return new StoredFile(id, owner, fileName, objectBytes - nameBytes, TimeOrderedId.time(id));
    }
}
