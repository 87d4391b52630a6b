package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.SandboxLabels;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * KUBERNETES_EXECUTOR_POD_OVERRIDES: where sandboxes are scheduled, and what else stands on them. Nothing here can open a
 * sandbox: what may be set is a list.
 *
 * @param scheduling a pod's specification of which only the scheduling fields are set
 */
record PodOverrides(PodSpec scheduling, Map<String, String> labels, Map<String, String> annotations) {
    static final PodOverrides NONE = new PodOverrides(new PodSpec(), Map.of(), Map.of());

    private static final List<String> SCHEDULING = List.of(
            "nodeSelector",
            "tolerations",
            "affinity",
            "topologySpreadConstraints",
            "priorityClassName",
            "runtimeClassName");

    private static final Pattern KEY =
            Pattern.compile("([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");

    PodOverrides {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** @throws IllegalArgumentException saying which key is wrong */
    static PodOverrides parse(String text) {
        JsonObject overrides = object(text);
        JsonObjectBuilder scheduling = Json.createObjectBuilder();
        Map<String, String> labels = Map.of();
        Map<String, String> annotations = Map.of();
        for (String key : overrides.keySet()) {
            if (SCHEDULING.contains(key)) {
                // Onyx's chart sends empty names by default, which a pod may not have.
                if (!isNothing(overrides.get(key))) {
                    scheduling.add(key, overrides.get(key));
                }
            } else if (key.equals("labels")) {
                labels = strings(overrides, key);
                labels.values().forEach(value -> require(LABEL_VALUE, value, "is not a label's value"));
            } else if (key.equals("annotations")) {
                annotations = strings(overrides, key);
            } else {
                throw new IllegalArgumentException(
                        "%s cannot be set; accepted are %s, labels and annotations".formatted(key, SCHEDULING));
            }
        }
        try {
            return new PodOverrides(
                    Serialization.unmarshal(scheduling.build().toString(), PodSpec.class), labels, annotations);
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw new IllegalArgumentException("a field is not what a pod has by that name", e);
        }
    }

    private static boolean isNothing(@Nullable JsonValue value) {
        return JsonValue.NULL.equals(value)
                || (value instanceof JsonString text && text.getString().isEmpty());
    }

    static JsonObject object(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        } catch (JsonException | IllegalStateException e) {
            throw new IllegalArgumentException("it is not a JSON object", e);
        }
    }

    private static Map<String, String> strings(JsonObject overrides, String name) {
        if (!(overrides.get(name) instanceof JsonObject object)) {
            throw new IllegalArgumentException(name + " is not an object");
        }
        Map<String, String> strings = new TreeMap<>();
        object.forEach((key, value) -> {
            require(KEY, key, "is not a key");
            if (SandboxLabels.KEYS.contains(key)) {
                throw new IllegalArgumentException("%s.%s is set by the service".formatted(name, key));
            }
            if (!(value instanceof JsonString string)) {
                throw new IllegalArgumentException("%s.%s is not a string".formatted(name, key));
            }
            strings.put(key, string.getString());
        });
        return strings;
    }

    private static void require(Pattern form, String text, String complaint) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException("'%s' %s".formatted(text, complaint));
        }
    }
}
