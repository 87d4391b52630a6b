package dev.codeinterpreter.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * KUBERNETES_EXECUTOR_POD_RESOURCES: {@code {"requests": {..}, "limits": {..}}} over our own. Memory has no limit here, since
 * that is MEMORY_LIMIT_MB and what the sandbox's file systems take. Requests are well below the limits: a node in need
 * then ends sandboxes first, and holds many of them that idle.
 *
 * @param limits beside memory, and beside cpu when it is not set: that is CPU_LIMIT
 * @param limitsCpu whether there is a limit of cpu
 */
record PodResources(Map<String, Quantity> requests, Map<String, Quantity> limits, boolean limitsCpu) {
    static final PodResources DEFAULT = parse("{}");

    private static final List<String> REQUESTS = List.of("cpu", "memory", "ephemeral-storage");
    private static final List<String> LIMITS = List.of("cpu", "ephemeral-storage");

    PodResources {
        requests = Map.copyOf(requests);
        limits = Map.copyOf(limits);
    }

    /** A null takes one of ours away. @throws IllegalArgumentException saying which key is wrong */
    static PodResources parse(String text) {
        JsonObject resources = PodOverrides.object(text);
        for (String key : resources.keySet()) {
            if (!key.equals("requests") && !key.equals("limits")) {
                throw new IllegalArgumentException(key + " cannot be set; accepted are requests and limits");
            }
        }
        Map<String, Quantity> requests = new TreeMap<>(Map.of(
                "cpu",
                new Quantity("100m"),
                "memory",
                new Quantity("64Mi"),
                "ephemeral-storage",
                new Quantity("16Mi")));
        Map<String, Quantity> limits = new TreeMap<>(Map.of("ephemeral-storage", new Quantity("64Mi")));
        merge(resources, "requests", REQUESTS, requests);
        merge(resources, "limits", LIMITS, limits);
        limits.forEach((name, limit) -> {
            Quantity request = requests.get(name);
            if (request != null && amount(request).compareTo(amount(limit)) > 0) {
                throw new IllegalArgumentException(
                        "requests.%s (%s) is more than limits.%s (%s)".formatted(name, request, name, limit));
            }
        });
        JsonValue cpu = resources.get("limits") instanceof JsonObject object ? object.get("cpu") : null;
        return new PodResources(requests, limits, !JsonValue.NULL.equals(cpu));
    }

    private static void merge(
            JsonObject resources, String section, List<String> accepted, Map<String, Quantity> quantities) {
        JsonValue given = resources.getOrDefault(section, JsonValue.EMPTY_JSON_OBJECT);
        if (!(given instanceof JsonObject object)) {
            throw new IllegalArgumentException(section + " is not an object");
        }
        object.forEach((name, value) -> {
            if (section.equals("limits") && name.equals("memory")) {
                if (value.equals(JsonValue.NULL)) {
                    return;
                }
                throw new IllegalArgumentException("limits.memory cannot be set: it follows from MEMORY_LIMIT_MB");
            }
            if (!accepted.contains(name)) {
                throw new IllegalArgumentException(
                        "%s.%s cannot be set; accepted are %s".formatted(section, name, accepted));
            }
            switch (value) {
                case JsonString string -> quantities.put(name, quantity(section, name, string.getString()));
                case JsonNumber number -> quantities.put(name, quantity(section, name, number.toString()));
                case JsonValue other when other.equals(JsonValue.NULL) -> quantities.remove(name);
                default -> throw new IllegalArgumentException("%s.%s is not a quantity".formatted(section, name));
            }
        });
    }

    private static Quantity quantity(String section, String name, String text) {
        try {
            Quantity quantity = Quantity.parse(text);
            if (amount(quantity).signum() > 0) {
                return quantity;
            }
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("%s.%s is not a quantity: %s".formatted(section, name, text), e);
        }
        throw new IllegalArgumentException("%s.%s is not more than nothing: %s".formatted(section, name, text));
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }
}
