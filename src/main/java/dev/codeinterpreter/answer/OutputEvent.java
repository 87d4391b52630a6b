package dev.codeinterpreter.answer;

import jakarta.json.bind.annotation.JsonbPropertyOrder;

/** Data of an event that carries a piece of output; {@code stream} is {@code stdout} or {@code stderr}. */
@JsonbPropertyOrder({"stream", "data"})
public record OutputEvent(String stream, String data) {}
