package dev.codeinterpreter.files.shared;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files and bytes by owner.
 *
 * @param byOwner under the owners' keys; owners of nothing are not in it
 */
record Sums(Map<String, Sum> byOwner) {
    static final Sums NONE = new Sums(Map.of());

    private static final String FIRST = "sums 1";
    private static final String LAST = "end";

    /** Of one owner, or of all. */
    record Sum(long files, long bytes) {
        Sum plus(Sum other) {
            return new Sum(files + other.files, bytes + other.bytes);
        }
    }

    /** With {@code files} and {@code bytes} more, or less. */
    Sums plus(String ownerKey, long files, long bytes) {
        Map<String, Sum> changed = new HashMap<>(byOwner);
        Sum before = of(ownerKey);
        Sum after = new Sum(Math.max(0, before.files + files), Math.max(0, before.bytes + bytes));
        if (after.files == 0) {
            changed.remove(ownerKey);
        } else {
            changed.put(ownerKey, after);
        }
        return new Sums(Map.copyOf(changed));
    }

    Sum of(String ownerKey) {
        return byOwner.getOrDefault(ownerKey, new Sum(0, 0));
    }

    Sum total() {
        return byOwner.values().stream().reduce(new Sum(0, 0), Sum::plus);
    }

    String text() {
        StringBuilder text = new StringBuilder(FIRST).append('\n');
        byOwner.forEach((key, sum) -> text.append(key)
                .append(' ')
                .append(sum.files)
                .append(' ')
                .append(sum.bytes)
                .append('\n'));
        return text.append(LAST).append('\n').toString();
    }

    /** What {@link #text} wrote; null when it is anything else, as the half of it. */
    static @Nullable Sums parse(String text) {
        String[] lines = text.split("\n", -1);
        int last = lines.length - 2;
        if (last < 1 || !lines[0].equals(FIRST) || !lines[last].equals(LAST) || !lines[last + 1].isEmpty()) {
            return null;
        }
        Map<String, Sum> sums = new HashMap<>();
        try {
            for (int i = 1; i < last; i++) {
                String[] words = lines[i].split(" ", -1);
                if (words.length != 3) {
                    return null;
                }
                sums.put(words[0], new Sum(Long.parseLong(words[1]), Long.parseLong(words[2])));
            }
        } catch (NumberFormatException e) {
            return null;
        }
        return new Sums(Map.copyOf(sums));
    }
}
