package dev.codeinterpreter.execution;

/** Data of the event that ends a stream whose run has no result. */
public record ErrorEvent(String message) {}
