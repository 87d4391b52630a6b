package dev.codeinterpreter.wire;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.ws.rs.ext.ContextResolver;
import jakarta.ws.rs.ext.Provider;

/** How records become JSON: an absent value is written as null, because clients look for the field. */
@Provider
public class JsonOutput implements ContextResolver<Jsonb> {
    private static final Jsonb JSONB = JsonbBuilder.create(new JsonbConfig().withNullValues(true));

    /** One line without blanks, for what is not the body of an answer. */
    public static String toJson(Object record) {
        return JSONB.toJson(record);
    }

    @Override
    public Jsonb getContext(Class<?> type) {
        return JSONB;
    }
}
