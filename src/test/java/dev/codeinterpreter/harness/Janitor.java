package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Clears away what this JVM has started, when the JVM has ended without doing it: killed, or interrupted. A process of its
 * own, one for each JVM, that is given names over its standard input and acts when that ends, which the kernel sees to.
 */
final class Janitor {
    /**
     * Of each directory: whatever has it in its command line is killed, what is mounted below it is unmounted, and it is
     * removed. Of each label: the containers that carry it are removed, sessions among them, which outlive their service.
     * Namespaces are deleted, with the pods that are in them.
     */
    private static final String SCRIPT = """
            trap '' INT TERM HUP QUIT
            directories= runs= namespaces=
            while read -r kind name; do
              case $kind in
                directory) directories="$directories $name" ;;
                run) runs="$runs $name" ;;
                namespace) namespaces="$namespaces $name" ;;
              esac
            done
            for directory in $directories; do
              [ -e "$directory" ] || continue
              for process in /proc/[0-9]*; do
                if tr '\\0' ' ' < "$process/cmdline" | grep -qF "$directory"; then kill -9 "${process#/proc/}"; fi
              done
              sleep 0.2
              awk -v top="$directory" 'index($2, top) == 1 {print $2}' /proc/self/mounts | sort -r \\
                | while read -r place; do umount -l "$place"; done
              rm -rf --one-file-system "$directory"
            done
            for run in $runs; do
              timeout 60 docker ps --all --quiet --filter "label=$LABEL=$run" | xargs -r timeout 60 docker rm --force
            done
            for namespace in $namespaces; do
              timeout 60 kubectl delete namespace "$namespace" --ignore-not-found --wait=false
            done
            """;

    private static @Nullable OutputStream janitor;

    private Janitor() {}

    /** Before anything is started whose command line has the name of this directory, or mounted below it. */
    static void watchDirectory(Path directory) {
        write("directory " + directory);
    }

    /** Before a container with this label is started. */
    static void watchRun(String run) {
        write("run " + run);
    }

    /** Before a namespace of this name is created. */
    static void watchNamespace(String name) {
        write("namespace " + name);
    }

    private static synchronized void write(String line) {
        try {
            if (janitor == null) {
                janitor = start();
            }
            janitor.write((line + "\n").getBytes(UTF_8));
            janitor.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the janitor is gone", e);
        }
    }

    private static OutputStream start() throws IOException {
        // Not our standard output: Maven would wait for its end.
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", SCRIPT)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        builder.environment().put("LABEL", ServiceProcess.LABEL);
        return builder.start().getOutputStream();
    }
}
