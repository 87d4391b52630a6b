package dev.codeinterpreter.auth;

/** A file of keys cannot be read, or breaks a rule. The message names the place in the file and the rule, and no value. */
final class KeyFileException extends Exception {
    KeyFileException(String message) {
        super(message);
    }
}
