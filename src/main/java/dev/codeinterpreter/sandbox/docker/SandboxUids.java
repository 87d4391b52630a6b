package dev.codeinterpreter.sandbox.docker;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives each sandbox a uid of its own, counting from a random start so that several services on one engine hardly ever
 * meet. An engine in a user namespace has 65,536 of them; any other has those above every user of the host and above the
 * ranges that distributions give away.
 */
final class SandboxUids {
    private static final Range OF_A_HOST = new Range(200_000, Integer.MAX_VALUE);
    private static final Range OF_A_USER_NAMESPACE = new Range(1_000, 65_000);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final EngineClient engine;
    private @Nullable Range range;
    private int next;

    /** @param end is not in it */
    private record Range(int first, int end) {}

    SandboxUids(EngineClient engine) {
        this.engine = engine;
    }

    /** @throws EngineException when the engine has never said which uids it has, and does not now */
    synchronized int next() throws EngineException {
        Range known = range;
        if (known == null) {
            known = askEngine();
            range = known;
            next = ThreadLocalRandom.current().nextInt(known.first(), known.end());
        }
        int uid = next;
        next = uid + 1 == known.end() ? known.first() : uid + 1;
        return uid;
    }

    private Range askEngine() throws EngineException {
        JsonObject info = engine.get("/info", PATIENCE);
        List<String> options = info.containsKey("SecurityOptions") && !info.isNull("SecurityOptions")
                ? info.getJsonArray("SecurityOptions").getValuesAs(JsonString::getString)
                : List.of();
        boolean mapped = options.stream().anyMatch(option -> option.contains("rootless") || option.contains("userns"));
        return mapped ? OF_A_USER_NAMESPACE : OF_A_HOST;
    }
}
