package dev.codeinterpreter.launch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.codeinterpreter.spool.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The top-level names of PRELOAD_MODULES. A program whose text has none of them as a word begins soonest in a sandbox
 * without libraries. A wrong guess costs time, and in a bare sandbox memory of the program's own.
 */
final class LibraryNames {
    /** Bytes of a program that are read: imports are at its beginning. */
    private static final int READ = 256 << 10;

    private final Pattern names;
    private final boolean none;

    LibraryNames(List<String> modules) {
        none = modules.isEmpty();
        names = Pattern.compile(modules.stream()
                .map(module -> module.split("\\.", 2)[0])
                .distinct()
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "\\b(?:", ")\\b")));
    }

    /** Whether the program may import one of them; true also when its text cannot be read, which others report. */
    boolean occurIn(Text code) {
        if (none) {
            return false;
        }
        try (InputStream in = code.open()) {
            // Other characters than those of a name may come out wrong.
            return names.matcher(new String(in.readNBytes(READ), ISO_8859_1)).find();
        } catch (IOException e) {
            return true;
        }
    }
}
