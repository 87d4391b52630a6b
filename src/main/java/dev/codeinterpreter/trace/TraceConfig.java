package dev.codeinterpreter.trace;

import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/**
 * The variables of OpenTelemetry that decide something here; its SDK reads the others by itself.
 *
 * @param enabled whether there is an endpoint (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT), and nothing
 *     turns tracing off (OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER)
 * @param sampler OTEL_TRACES_SAMPLER
 * @param ratio OTEL_TRACES_SAMPLER_ARG: of the samplers with {@code ratio} in their names
 */
public record TraceConfig(boolean enabled, String sampler, double ratio) {
    private static final String PARENT_BASED = "parentbased_";
    private static final Set<String> SAMPLERS = Set.of(
            "always_on",
            "always_off",
            "traceidratio",
            PARENT_BASED + "always_on",
            PARENT_BASED + "always_off",
            PARENT_BASED + "traceidratio");

    public static TraceConfig from(Settings settings) {
        boolean traces = hasEndpoint(settings, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        boolean all = hasEndpoint(settings, "OTEL_EXPORTER_OTLP_ENDPOINT");
        boolean disabled = settings.flag("OTEL_SDK_DISABLED", false);
        String exporter = one(settings, "OTEL_TRACES_EXPORTER", "otlp", Set.of("otlp", "none"));
        one(settings, "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", Set.of("http/protobuf"));
        one(settings, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf", Set.of("http/protobuf"));
        return new TraceConfig(
                (traces || all) && !disabled && exporter.equals("otlp"),
                one(settings, "OTEL_TRACES_SAMPLER", PARENT_BASED + "always_on", SAMPLERS),
                settings.decimal("OTEL_TRACES_SAMPLER_ARG", 1, 0, 1));
    }

    /** Whether the client's word on sampling counts. */
    boolean trustsParents() {
        return sampler.startsWith(PARENT_BASED);
    }

    private static boolean hasEndpoint(Settings settings, String name) {
        String text = settings.text(name, "");
        if (text.contains("@")) {
            settings.problem(name + " must not hold credentials: OTEL_EXPORTER_OTLP_HEADERS is for them");
        } else if (!text.isEmpty() && !isUrl(text)) {
            settings.problem("%s must be an http or https URL, not '%s'".formatted(name, text));
        }
        return !text.isEmpty();
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = new URI(text);
            return uri.getHost() != null && Set.of("http", "https").contains(String.valueOf(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String one(Settings settings, String name, String defaultValue, Set<String> accepted) {
        return settings.parsed(
                name, defaultValue, "one of " + accepted.stream().sorted().toList(), text -> {
                    String word = text.toLowerCase(Locale.ROOT);
                    if (!accepted.contains(word)) {
                        throw new IllegalArgumentException();
                    }
                    return word;
                });
    }
}
