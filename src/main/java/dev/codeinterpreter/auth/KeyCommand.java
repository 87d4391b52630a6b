package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Scope;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code code-interpreter-key NAME [--tenant T] [--scopes execute,files] [--expires 90d]}: makes a key, and prints it once,
 * with the entry for AUTH_KEYS_FILE that has its hash.
 */
public final class KeyCommand {
    private static final String USAGE = "usage: code-interpreter-key NAME [--tenant TENANT] "
            + "[--scopes execute,files,sessions,usage,metrics] [--expires 90d]";
    private static final Pattern LIFE = Pattern.compile("([1-9][0-9]{0,4})([hd])");
    private static final Set<Scope> USUAL = EnumSet.of(Scope.EXECUTE, Scope.FILES, Scope.SESSIONS, Scope.USAGE);

    private KeyCommand() {}

    public static void main(String[] arguments) {
        try {
            create(List.of(arguments), Clock.systemUTC()).forEach(System.out::println);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    /** The lines to print: the key and its entry. */
    static List<String> create(List<String> arguments, Clock clock) {
        Deque<String> rest = new ArrayDeque<>(arguments);
        if (rest.isEmpty() || rest.peek().startsWith("-")) {
            throw new IllegalArgumentException(USAGE);
        }
        String name = rest.pop();
        String tenant = Caller.DEFAULT_TENANT;
        Set<Scope> scopes = USUAL;
        Optional<Instant> expiry = Optional.empty();
        while (!rest.isEmpty()) {
            String option = rest.pop();
            String value = Optional.ofNullable(rest.poll()).orElseThrow(() -> new IllegalArgumentException(USAGE));
            switch (option) {
                case "--tenant" -> tenant = value;
                case "--scopes" -> scopes = scopes(value);
                case "--expires" ->
                    expiry = Optional.of(
                            clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(life(value)));
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        String key = ApiKey.generate();
        return List.of("key: " + key, entry(new ApiKey(name, ApiKey.hash(key), tenant, scopes, expiry)));
    }

    private static Set<Scope> scopes(String text) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        Arrays.stream(text.split(","))
                .map(label -> Scope.parse(label.strip()).orElseThrow(() -> new IllegalArgumentException(USAGE)))
                .forEach(scopes::add);
        return scopes;
    }

    private static Duration life(String text) {
        Matcher parts = LIFE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "--expires must be days or hours, such as 90d or 12h, not '%s'".formatted(text));
        }
        long number = Long.parseLong(parts.group(1));
        return parts.group(2).equals("d") ? Duration.ofDays(number) : Duration.ofHours(number);
    }

    /** An entry that the service would not take is refused here. */
    private static String entry(ApiKey key) {
        JsonArrayBuilder scopes = Json.createArrayBuilder();
        Arrays.stream(Scope.values())
                .filter(key.scopes()::contains)
                .map(Scope::label)
                .forEach(scopes::add);
        JsonObjectBuilder entry = Json.createObjectBuilder()
                .add("name", key.name())
                .add("sha256", key.sha256())
                .add("tenant", key.tenant())
                .add("scopes", scopes);
        key.expiresAt().ifPresent(moment -> entry.add("expires_at", moment.toString()));
        String text = entry.build().toString();
        try {
            KeyRing _ = KeyFile.parse("{\"keys\":[%s]}".formatted(text).getBytes(UTF_8));
        } catch (KeyFileException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
        return text;
    }
}
