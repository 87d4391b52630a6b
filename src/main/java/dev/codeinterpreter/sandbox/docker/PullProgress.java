package dev.codeinterpreter.sandbox.docker;

import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the engine says while it pulls: how far each layer is, and an error where it fails. One thread writes, others read. */
final class PullProgress {
    /** Images have at most 127 layers; an engine that names more is not followed further. */
    private static final int MAX_LAYERS = 1000;

    private static final Set<String> DONE = Set.of("Pull complete", "Already exists");
    private static final String DOWNLOADING = "Downloading";
    private static final Set<String> BEGUN = Set.of("Pulling fs layer", "Waiting", DOWNLOADING, "Already exists");

    private final Map<String, Layer> layers = new HashMap<>();
    private Optional<String> error = Optional.empty();

    /** @param total bytes of the compressed layer; 0 until they are known */
    private record Layer(long current, long total, boolean done) {}

    synchronized void accept(JsonObject message) {
        if (message.containsKey("error")) {
            error = Optional.of(message.getString("error", "no reason was given"));
            return;
        }
        String id = message.getString("id", "");
        String status = message.getString("status", "");
        Layer known = layers.get(id);
        if (id.isEmpty() || (known == null && (!BEGUN.contains(status) || layers.size() >= MAX_LAYERS))) {
            return;
        }
        Layer layer = known == null ? new Layer(0, 0, false) : known;
        if (DONE.contains(status)) {
            layer = new Layer(layer.total(), layer.total(), true);
        } else if (status.equals(DOWNLOADING) && message.get("progressDetail") instanceof JsonObject detail) {
            layer = new Layer(number(detail, "current"), number(detail, "total"), false);
        } else if (status.equals("Download complete")) {
            layer = new Layer(layer.total(), layer.total(), false);
        }
        layers.put(id, layer);
    }

    /** In the engine's words, which may hold the registry's: for the log. */
    synchronized Optional<String> error() {
        return error;
    }

    /** Such as "2 of 5 layers, 31 of 120 MB"; the engine does not know the size of a layer before it loads it. */
    @Override
    public synchronized String toString() {
        long done = layers.values().stream().filter(Layer::done).count();
        long current = layers.values().stream().mapToLong(Layer::current).sum();
        long total = layers.values().stream().mapToLong(Layer::total).sum();
        return "%d of %d layers, %d of %d MB".formatted(done, layers.size(), current / 1_000_000, total / 1_000_000);
    }

    private static long number(JsonObject of, String name) {
        return of.getOrDefault(name, JsonValue.NULL) instanceof JsonNumber number ? Math.max(0, number.longValue()) : 0;
    }
}
