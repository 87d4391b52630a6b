package dev.codeinterpreter.execution;

import dev.codeinterpreter.files.StoredContent;

/** A stored file, open so that it outlives its expiry, with its checked place in the workspace. */
record StagedFile(WorkspacePath path, StoredContent content) {}
