package dev.codeinterpreter.error;

import java.util.List;

/** A request's body does not have the form that the contract asks for: status 422 with every error of the body. */
public final class SchemaException extends RuntimeException {
    private final List<SchemaError> errors;

    public SchemaException(List<SchemaError> errors) {
        super("%d schema errors, first: %s"
                .formatted(errors.size(), errors.getFirst().type()));
        this.errors = List.copyOf(errors);
    }

    public SchemaException(SchemaError error) {
        this(List.of(error));
    }

    /** In the order in which the fields were read; at least one. */
    public List<SchemaError> errors() {
        return errors;
    }
}
