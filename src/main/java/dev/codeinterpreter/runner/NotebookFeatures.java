package dev.codeinterpreter.runner;

/**
 * What programs have of a notebook.
 *
 * @param maxResults that one run may show (MAX_RESULTS); 0 when nothing is shown
 * @param maxResultBytes of their inline forms together (MAX_RESULT_BYTES)
 */
public record NotebookFeatures(int maxResults, int maxResultBytes) {
    /** Nothing: a program is what `python3` makes of it. */
    public static final NotebookFeatures NONE = new NotebookFeatures(0, 0);
}
