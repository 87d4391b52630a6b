package dev.codeinterpreter.files.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.files.FileStorage;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A process that uses a shared directory. It prints {@code + id} when a file is stored, {@code ? id} before it deletes one,
 * {@code - id} when it has, and {@code ! text} of what must not be.
 */
final class SharedWorker {
    private static final int MAX_BYTES = 200_000;

    private SharedWorker() {}

    static FileStore open(Path directory) {
        FilesConfig config = new FilesConfig(
                FileStorage.SHARED,
                directory,
                directory.resolveSibling("spool"),
                1 << 20,
                Duration.ofHours(1),
                1L << 30,
                BucketConfig.NONE);
        SharedFiles files = new SharedFiles(
                config, Clock.systemUTC(), StorageBudget.ofFiles(config.maxStorageBytes()), Duration.ofSeconds(30));
        return new FileStore(config, Clock.systemUTC(), files, FileStoreListener.NONE);
    }

    /** Arguments: the directory, a seed, and the number of files. */
    static void main(String... arguments) throws IOException {
        Random random = new Random(Long.parseLong(arguments[1]));
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        try (FileStore store = open(Path.of(arguments[0]))) {
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                String content = Integer.toString(i).repeat(1 + random.nextInt(MAX_BYTES / 4));
                out.println("+ " + store(store, content).id());
                List<StoredFile> files = store.list(Owner.DEFAULT, 50);
                StoredFile any = files.get(random.nextInt(files.size()));
                Optional<StoredContent> opened = store.open(Owner.DEFAULT, any.id());
                if (i % 5 == 0) {
                    out.println("? " + any.id());
                    if (store.delete(Owner.DEFAULT, any.id())) {
                        out.println("- " + any.id());
                    }
                }
                if (opened.isPresent()) {
                    check(opened.get(), out);
                }
                if (i % 10 == 0) {
                    int _ = store.reap();
                }
            }
        }
    }

    private static StoredFile store(FileStore store, String content) {
        try (NewFile file = store.create(Owner.DEFAULT, content.length() + " of " + content.charAt(0))) {
            byte[] bytes = content.getBytes(UTF_8);
            file.write(bytes, 0, bytes.length);
            return file.commit();
        }
    }

    /** A file that was open before its deletion, by whichever process, is whole. */
    private static void check(StoredContent opened, PrintStream out) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try {
            opened.writeTo(content);
            String name = opened.file().name();
            if (!name.equals(content.size() + " of " + (char) content.toByteArray()[0])) {
                out.println("! " + name);
            }
        } catch (IOException e) {
            out.println("! " + e);
        }
    }
}
