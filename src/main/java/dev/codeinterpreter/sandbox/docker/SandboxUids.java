package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.BackendException;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives each sandbox two uids of its own, counting from a random start so that several services on one engine hardly ever
 * meet: one for its programs, and the next for the processes that the engine starts beside a session's programs. An engine
 * in a user namespace has 65,536 of them; any other has those above every user of the host and above the ranges that
 * distributions give away.
 */
final class SandboxUids {
    private static final Range OF_A_HOST = new Range(200_000, Integer.MAX_VALUE);
    private static final Range OF_A_USER_NAMESPACE = new Range(1_000, 65_000);
    private static final Pattern USER = Pattern.compile("([0-9]{1,10}):\\1");

    private final EngineClient engine;
    private @Nullable Range range;
    /** The number of the next pair. */
    private int next;

    /** @param end is not in it */
    private record Range(int first, int end) {
        int pairs() {
            return (end - first) / 2;
        }
    }

    SandboxUids(EngineClient engine) {
        this.engine = engine;
    }

    /**
     * A sandbox's uid; the next one is its {@link #ofConnector connector's}.
     *
     * @throws BackendException when the engine has never said which uids it has, and does not now
     */
    synchronized int next() throws BackendException {
        Range known = range;
        if (known == null) {
            known = askEngine();
            range = known;
            next = ThreadLocalRandom.current().nextInt(known.pairs());
        }
        int uid = known.first() + 2 * next;
        next = (next + 1) % known.pairs();
        return uid;
    }

    /** How the engine writes a sandbox's user. */
    static String user(int uid) {
        return "%d:%d".formatted(uid, uid);
    }

    /** The uid of a sandbox's user as {@link #user} writes it; nothing for any other text. */
    static OptionalInt ofUser(String user) {
        Matcher matcher = USER.matcher(user);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        long uid = Long.parseLong(matcher.group(1));
        return uid < OF_A_HOST.end() ? OptionalInt.of((int) uid) : OptionalInt.empty();
    }

    /** The uid of what the engine starts in the sandbox of {@code uid}, which no program of that sandbox can have. */
    static int ofConnector(int uid) {
        return uid + 1;
    }

    private Range askEngine() throws BackendException {
        JsonObject info = engine.get("/info", engine.timings().inspect());
        List<String> options = info.containsKey("SecurityOptions") && !info.isNull("SecurityOptions")
                ? info.getJsonArray("SecurityOptions").getValuesAs(JsonString::getString)
                : List.of();
        boolean mapped = options.stream().anyMatch(option -> option.contains("rootless") || option.contains("userns"));
        return mapped ? OF_A_USER_NAMESPACE : OF_A_HOST;
    }
}
