package dev.codeinterpreter.mcp.message;

/**
 * How much of a result a model gets: hosts take 25,000 to 40,000 tokens, and every picture counts.
 *
 * @param outputChars of stdout and of stderr each, and of a file's text
 * @param images of one result
 * @param imageBytes of one picture
 * @param resourceBytes of a file that {@code resources/read} gives
 * @param listedFiles of one run
 * @param batchBytes of answers to a batch, after which no further request of it is served
 */
public record Limits(
        int outputChars, int images, long imageBytes, long resourceBytes, int listedFiles, long batchBytes) {
    public static final Limits DEFAULT = new Limits(20_000, 5, 1 << 20, 10 << 20, 50, 20 << 20);
}
