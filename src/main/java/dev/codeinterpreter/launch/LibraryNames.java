package dev.codeinterpreter.launch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.codeinterpreter.spool.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The top-level names of PRELOAD_MODULES. A program whose text has none of them as a word begins soonest in a sandbox
 * without libraries. A wrong guess costs time, and in a bare sandbox memory of the program's own.
 */
final class LibraryNames {
    /** Bytes of a program that are read: imports are at its beginning. */
    private static final int READ = 256 << 10;

    private final List<String> modules;
    private final Pattern names;
    private final long distinct;

    LibraryNames(List<String> modules) {
        this.modules = modules;
        distinct = modules.stream().map(LibraryNames::topLevel).distinct().count();
        names = Pattern.compile(modules.stream()
                .map(LibraryNames::topLevel)
                .distinct()
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "\\b(?:", ")\\b")));
    }

    private static String topLevel(String module) {
        return module.split("\\.", 2)[0];
    }

    /** The modules that the program may import; all of them also when its text cannot be read, which others report. */
    Set<String> namedIn(Text code) {
        if (modules.isEmpty()) {
            return Set.of();
        }
        try (InputStream in = code.open()) {
            // Other characters than those of a name may come out wrong.
            Matcher matcher = names.matcher(new String(in.readNBytes(READ), ISO_8859_1));
            Set<String> found = new HashSet<>();
            while (found.size() < distinct && matcher.find()) {
                found.add(matcher.group());
            }
            return modules.stream()
                    .filter(module -> found.contains(topLevel(module)))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            return Set.copyOf(modules);
        }
    }
}
