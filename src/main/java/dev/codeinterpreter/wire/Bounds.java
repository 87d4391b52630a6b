package dev.codeinterpreter.wire;

/** The range of an integer, both ends included. */
public record Bounds(int least, int most) {

    public static Bounds atLeast(int least) {
        return new Bounds(least, Integer.MAX_VALUE);
    }

    public static Bounds between(int least, int most) {
        return new Bounds(least, most);
    }
}
