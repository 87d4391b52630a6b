package dev.codeinterpreter.runner;

/**
 * What programs have of a notebook.
 *
 * @param maxResults that one run may show (MAX_RESULTS); 0 when nothing is shown
 * @param maxResultBytes of their inline forms together (MAX_RESULT_BYTES)
 * @param syntax whether what is no Python may have been written for a notebook (NOTEBOOK_SYNTAX)
 */
public record NotebookFeatures(int maxResults, int maxResultBytes, boolean syntax) {
    /** Nothing: a program is what {@code python3} makes of it. */
    public static final NotebookFeatures NONE = new NotebookFeatures(0, 0, false);

    /** The same where nothing is shown. */
    public NotebookFeatures withoutResults() {
        return new NotebookFeatures(0, 0, syntax);
    }
}
