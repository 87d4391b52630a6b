package dev.codeinterpreter.metrics;

import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;

/** The beginning that all names share. The endings {@code _total} and {@code _seconds} come from kind and unit. */
final class Names {
    private static final String PREFIX = "code_interpreter_";

    private Names() {}

    static Metadata of(String name, String description) {
        return of(name, description, MetricUnits.NONE);
    }

    static Metadata of(String name, String description, String unit) {
        return Metadata.builder()
                .withName(PREFIX + name)
                .withDescription(description)
                .withUnit(unit)
                .build();
    }

    static Tag[] tags(String... namesAndValues) {
        Tag[] tags = new Tag[namesAndValues.length / 2];
        for (int i = 0; i < tags.length; i++) {
            tags[i] = new Tag(namesAndValues[2 * i], namesAndValues[2 * i + 1]);
        }
        return tags;
    }
}
