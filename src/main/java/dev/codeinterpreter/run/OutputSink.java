package dev.codeinterpreter.run;

/** Where a running program's output goes, piece by piece; a piece may end in the middle of a character. */
public interface OutputSink {

    /** Once, before any output: the program runs. */
    default void started() {}

    void stdout(byte[] bytes);

    void stderr(byte[] bytes);

    /** Something that the program shows, in order with its output; its forms are there until this returns. */
    default void show(ShownItem item) {}

    /** Whether the end of the standard output was dropped, as there was no room for it. */
    default boolean isStdoutCut() {
        return false;
    }

    default boolean isStderrCut() {
        return false;
    }
}
