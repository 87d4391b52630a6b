package dev.codeinterpreter.files;

/**
 * To whom a stored file belongs: nobody else can list, read, stage or delete it.
 *
 * @param name any text of 1 to {@value #MAX_LENGTH} characters; never a path of ours
 */
public record Owner(String name) {
    /** Of a JWT's subject, which is at most 255 characters long (OpenID Connect Core, section 2). */
    public static final int MAX_LENGTH = 255;

    /** The owner of all files while there are no keys, and of files from before there were owners. */
    public static final Owner DEFAULT = new Owner("default");

    /** @throws IllegalArgumentException when {@code name} is empty or too long */
    public Owner {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "owner has %d characters instead of 1 to %d".formatted(name.length(), MAX_LENGTH));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
