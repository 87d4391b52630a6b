package dev.codeinterpreter.files.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
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
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

/** Fault by operation: what the client gets, and what is left behind. A fault that passes is not seen. */
@Tag("complete")
@Timeout(120)
class S3FaultsIT {
    private static final int FOREVER = 1_000_000;
    private static final int LARGE = (16 << 20) + 5;
    /** A part of 8 MiB, and less than two. */
    private static final long ON_THIS_HOST = 9 << 20;

    /** No part ends with one. */
    private static final int FRAME = 60_001;

    private static final S3Timings SHORT = new S3Timings(
            Duration.ofSeconds(2),
            Duration.ofMillis(1500),
            Duration.ofSeconds(4),
            Duration.ofSeconds(10),
            Duration.ofSeconds(6),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            3,
            Duration.ofMillis(10),
            Duration.ofMillis(50));

    @TempDir
    Path directory;

    private final String prefix = "faults/" + UUID.randomUUID() + "/";
    private FaultyServer faults;
    private FileStore store;
    private FileStore direct;

    @BeforeEach
    void open() throws IOException {
        S3StoreContract.setCredentials();
        faults = new FaultyServer(S3MockServer.shared());
        store = store(faults.uri());
        direct = store(S3MockServer.shared());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        direct.close();
        faults.close();
    }

    /** A request of its own kind for each step of an upload. */
    @ParameterizedTest
    @CsvSource({
        "STATUS, 403, '^GET .*list-type', 1",
        "STATUS, 500, '^GET .*list-type', 1",
        "SILENCE, 0, '^GET .*list-type', 1",
        "STATUS, 403, '^PUT ', 1",
        "STATUS, 500, '^PUT ', 1",
        "STATUS, 503, '^PUT ', 1",
        "SILENCE, 0, '^PUT ', 1",
        "CUT, 0, '^GET .*list-type', 1",
        "STATUS, 503, '^POST .*uploads', 16777221",
        "STATUS, 403, '^PUT .*partNumber=2', 16777221",
        "STATUS, 500, '^PUT .*partNumber=3', 16777221",
        "SILENCE, 0, '^PUT .*partNumber=1', 16777221",
        "STATUS, 503, '^POST .*uploadId', 16777221",
        "SILENCE, 0, '^POST .*uploadId', 16777221",
    })
    void refusesAnUploadAndLeavesNothing(FaultyServer.Kind kind, int number, String request, int size) {
        faults.spoil(kind, request, number, FOREVER);
        assertUnavailable(() -> upload(store, size));
        assertThat(direct.list(Owner.DEFAULT, 10)).isEmpty();
        assertThat(unfinished()).isZero();
        assertThat(store.storedBytes()).isZero();
    }

    /** Once or twice: the pauses between the tries are inside the deadline. */
    @ParameterizedTest
    @CsvSource({
        "STATUS, 503, '^PUT ', 1",
        "STATUS, 500, '^PUT ', 16777221",
        "CUT, 10, '^PUT ', 1",
        "STALL, 20, '^PUT ', 1",
        "CUT, 0, '^POST ', 16777221",
        "CUT, 20, '^POST .*uploadId', 16777221",
        "SILENCE, 0, '^PUT ', 1",
        "STATUS, 503, '^GET ', 1",
        "CUT, 100, '^GET .*list-type', 1",
    })
    void triesAnUploadAgain(FaultyServer.Kind kind, int number, String request, int size) throws IOException {
        // What is spoilt is the answer, or one of three tries: in both cases the file is there.
        faults.spoil(kind, request, number, kind == FaultyServer.Kind.STATUS ? 2 : 1);
        StoredFile file = upload(store, size);
        assertThat(direct.list(Owner.DEFAULT, 10)).containsExactly(file);
        assertThat(download(direct, file)).isEqualTo(bytes(size));
    }

    @ParameterizedTest
    @CsvSource({
        "STATUS, 403, '^GET ', 1",
        "STATUS, 503, '^GET ', 1",
        "SILENCE, 0, '^GET ', 1",
        "CUT, 0, '^GET ', 1",
        "STATUS, 500, '^GET /files/faults', 1",
        "SILENCE, 0, '^GET /files/faults', 1",
    })
    void refusesWhatCannotBeRead(FaultyServer.Kind kind, int number, String request, int size) {
        StoredFile file = upload(direct, size);
        faults.spoil(kind, request, number, FOREVER);
        assertUnavailable(() -> {
            Optional<StoredContent> _ = store.open(Owner.DEFAULT, file.id());
        });
    }

    @ParameterizedTest
    @CsvSource({"STATUS, 503, '^DELETE '", "STATUS, 403, '^DELETE '", "SILENCE, 0, '^DELETE '"})
    void refusesADeletionAndKeepsTheFile(FaultyServer.Kind kind, int number, String request) {
        StoredFile file = upload(direct, 1);
        faults.spoil(kind, request, number, FOREVER);
        assertUnavailable(() -> store.delete(Owner.DEFAULT, file.id()));
        assertThat(direct.find(Owner.DEFAULT, file.id())).isPresent();
    }

    /** An answer that breaks off goes on from there. */
    @ParameterizedTest
    @CsvSource({"CUT, 3", "CUT, 1", "STALL, 1", "STALL, 2"})
    void resumesADownload(FaultyServer.Kind kind, int times) throws IOException {
        StoredFile file = upload(direct, LARGE);
        faults.spoil(kind, "^GET /files/faults", 5_000_000, times);
        assertThat(download(store, file)).isEqualTo(bytes(LARGE));
    }

    /** Less than a file is never taken for the file. */
    @Test
    void failsADownloadThatBreaksOffAgainAndAgain() {
        StoredFile file = upload(direct, LARGE);
        faults.spoil(FaultyServer.Kind.CUT, "^GET /files/faults", 1_000_000, FOREVER);
        assertThatThrownBy(() ->
                        store.open(Owner.DEFAULT, file.id()).orElseThrow().writeTo(OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class);
    }

    /** With the room of one part on this host. A name that is too long for a key follows the content. */
    @ParameterizedTest
    @CsvSource({"0, 1", "0, 1024", "8388608, 1", "8388608, 1024", "16777216, 1", "16777216, 1024", "30000000, 1024"})
    void storesAFileThatIsSentWhileItArrives(int size, int nameLength) throws IOException {
        String name = "n".repeat(nameLength);
        StoredFile stored;
        try (FileStore small = store(faults.uri(), ON_THIS_HOST);
                NewFile file = small.create(Owner.DEFAULT, name)) {
            sendWhileItArrives(file, bytes(size));
            assertThat(unfinished()).isEqualTo(size >= 8 << 20 ? 1 : 0);
            stored = file.commit();
        }
        assertThat(stored.size()).isEqualTo(size);
        assertThat(stored.name()).isEqualTo(name);
        assertThat(direct.list(Owner.DEFAULT, 10)).containsExactly(stored);
        assertThat(download(direct, stored)).isEqualTo(bytes(size));
        assertThat(unfinished()).isZero();
    }

    /** A client takes as long as it likes, so nothing of its upload is in the bucket before it is complete. */
    @Test
    void sendsNothingBeforeTheCommitUnlessItIsAskedTo() {
        try (NewFile file = store.create(Owner.DEFAULT, "slow")) {
            file.write(bytes(LARGE), 0, LARGE);
            assertThat(unfinished()).isZero();
            StoredFile _ = file.commit();
        }
        assertThat(direct.list(Owner.DEFAULT, 10)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "STATUS, 503, '^POST .*uploads'",
        "STATUS, 403, '^PUT .*partNumber=1'",
        "SILENCE, 0, '^PUT .*partNumber=2'",
        "STATUS, 503, '^POST .*uploadId'",
        "STATUS, 503, '^GET .*list-type'",
    })
    void refusesAFileThatIsSentWhileItArrivesAndLeavesNothing(FaultyServer.Kind kind, int number, String request) {
        faults.spoil(kind, request, number, FOREVER);
        assertUnavailable(() -> {
            try (NewFile file = store.create(Owner.DEFAULT, "name")) {
                sendWhileItArrives(file, bytes(LARGE));
                StoredFile _ = file.commit();
            }
        });
        assertThat(direct.list(Owner.DEFAULT, 10)).isEmpty();
        assertThat(unfinished()).isZero();
        assertThat(store.storedBytes()).isZero();
    }

    /** Some servers take no others. */
    @Test
    void sendsPartsOfOneLength() {
        try (NewFile file = store.create(Owner.DEFAULT, "parts")) {
            sendWhileItArrives(file, bytes(LARGE));
            assertThat(partLengths()).containsExactly(8L << 20, 8L << 20);
        }
    }

    @Test
    void leavesNothingOfAFileThatIsCut() {
        try (NewFile file = store.create(Owner.DEFAULT, "cut")) {
            sendWhileItArrives(file, bytes(LARGE));
            assertThat(unfinished()).isOne();
        }
        assertThat(unfinished()).isZero();
        assertThat(direct.list(Owner.DEFAULT, 10)).isEmpty();
        assertThat(store.storedBytes()).isZero();
    }

    /** In frames, as a sandbox sends them. */
    private static void sendWhileItArrives(NewFile file, byte[] content) {
        for (int from = 0; from < content.length; from += FRAME) {
            file.write(content, from, Math.min(FRAME, content.length - from));
            if (file.hasPart()) {
                file.sendPart();
            }
        }
    }

    private FileStore store(URI server) {
        return store(server, 1000L << 20);
    }

    /** @param onThisHost bytes that may wait here */
    private FileStore store(URI server, long onThisHost) {
        FilesConfig config = new FilesConfig(
                FileStorage.S3,
                directory,
                directory.resolve("spool"),
                32L << 20,
                Duration.ofHours(1),
                1000L << 20,
                place(server));
        Bucket bucket = new Bucket(S3Clients.client(config.bucket(), SHORT), S3MockServer.BUCKET, SHORT);
        S3Files files = new S3Files(
                bucket,
                config,
                Clock.systemUTC(),
                StorageBudget.ofFiles(onThisHost).files(),
                SHORT);
        return new FileStore(config, Clock.systemUTC(), files, FileStoreListener.NONE);
    }

    private BucketConfig place(URI server) {
        return new BucketConfig(S3MockServer.BUCKET, prefix, Optional.of(server), Optional.empty(), true);
    }

    /** Of the only file that is sent. */
    private List<Long> partLengths() {
        try (S3Client client = S3Clients.client(place(S3MockServer.shared()), SHORT);
                Bucket bucket = new Bucket(client, S3MockServer.BUCKET, SHORT)) {
            MultipartUpload upload = bucket.unfinished(prefix).getFirst();
            return client
                    .listParts(
                            r -> r.bucket(S3MockServer.BUCKET).key(upload.key()).uploadId(upload.uploadId()))
                    .parts()
                    .stream()
                    .map(Part::size)
                    .toList();
        }
    }

    private int unfinished() {
        try (Bucket bucket =
                new Bucket(S3Clients.client(place(S3MockServer.shared()), SHORT), S3MockServer.BUCKET, SHORT)) {
            return bucket.unfinished(prefix).size();
        }
    }

    private static StoredFile upload(FileStore store, int size) {
        try (NewFile file = store.create(Owner.DEFAULT, "name")) {
            file.write(bytes(size), 0, size);
            return file.commit();
        }
    }

    private static byte[] download(FileStore store, StoredFile file) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        store.open(Owner.DEFAULT, file.id()).orElseThrow().writeTo(content);
        return content.toByteArray();
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static void assertUnavailable(Runnable action) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(ServiceException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE);
            assertThat(e.reason()).isEqualTo("storage_unavailable");
        });
    }
}
