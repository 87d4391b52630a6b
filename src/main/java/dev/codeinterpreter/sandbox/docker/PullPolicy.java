package dev.codeinterpreter.sandbox.docker;

/** When the executor image is pulled (PYTHON_EXECUTOR_DOCKER_IMAGE_PULL). */
enum PullPolicy {
    /** When the engine lacks it. */
    MISSING,
    /** Once at the start in any case, so that a tag means what it means at the registry; later as {@link #MISSING}. */
    ALWAYS,
    /** The operator puts it there. */
    NEVER
}
