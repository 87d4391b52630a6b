package dev.codeinterpreter.files.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.files.StoreLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.files.SumByOwner;
import dev.codeinterpreter.files.TimeOrderedId;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.storage.Account;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Files in a bucket: each is one object, whose key has all that is known of it. */
final class S3Files implements FileBackend {
    private final Bucket bucket;
    private final String prefix;
    private final S3Timings timings;
    private final FilesConfig config;
    private final Clock clock;
    private final Account account;
    private final StoreLimit limit;
    private final S3Usage usage;
    private final S3Reaper reaper;
    /** Bytes at this process that are not stored yet. */
    private final SumByOwner arriving = new SumByOwner();

    /** @param account of what waits on this host's disk */
    S3Files(Bucket bucket, FilesConfig config, Clock clock, Account account, S3Timings timings) {
        this.bucket = bucket;
        this.prefix = config.bucket().prefix();
        this.timings = timings;
        this.config = config;
        this.clock = clock;
        this.account = account;
        this.limit = StoreLimit.of(config.maxStorageBytes());
        this.usage = new S3Usage(bucket, prefix, clock, limit, config.maxFileBytes());
        this.reaper = new S3Reaper(bucket, prefix, clock);
    }

    @Override
    public Upload create(Owner owner, String name) {
        return new S3Upload(this, owner, name);
    }

    @Override
    public Optional<StoredFile> find(Owner owner, FileId id) {
        return object(owner, id).flatMap(object -> file(owner, object));
    }

    @Override
    public Optional<StoredContent> open(Owner owner, FileId id) {
        Optional<S3Object> object = object(owner, id);
        Optional<StoredFile> file = object.flatMap(found -> file(owner, found));
        if (object.isEmpty() || file.isEmpty()) {
            return Optional.empty();
        }
        if (file.get().size() == 0) {
            return Optional.of(new StoredContent(file.get(), InputStream.nullInputStream()));
        }
        account.takeFile();
        boolean opened = false;
        try {
            Optional<StoredContent> content = bucket.read(
                            object.get().key(), 0, file.get().size(), Optional.empty())
                    .map(answer -> content(file.get(), object.get().key(), answer));
            opened = content.isPresent();
            return content;
        } finally {
            if (!opened) {
                account.releaseFile();
            }
        }
    }

    /** Of two that delete the same at a time both may get true. */
    @Override
    public boolean delete(Owner owner, FileId id) {
        Optional<S3Object> object = object(owner, id);
        object.ifPresent(found -> {
            bucket.delete(List.of(found.key()));
            usage.add(owner, -1, -found.size());
        });
        return object.isPresent();
    }

    @Override
    public Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after) {
        String all = S3Key.all(prefix, owner);
        // Its own key goes on behind its id: with something that is greater than any rest, it is behind that too.
        String key =
                after.map(file -> all + TimeOrderedId.key(file.id()) + '\u007F').orElse("");
        return new S3Listing(bucket, all, key, object -> file(owner, object));
    }

    @Override
    public int reap(Instant until) {
        int count = reaper.reap(until);
        usage.count();
        return count;
    }

    @Override
    public Usage usage() {
        S3Usage.Sum total = usage.total();
        return new Usage(total.files(), total.bytes() + arriving.total());
    }

    @Override
    public Usage usage(Owner owner) {
        S3Usage.Sum sum = usage.of(owner);
        return new Usage(sum.files(), sum.bytes() + arriving.of(owner));
    }

    @Override
    public void close() {
        bucket.close();
    }

    /** Bytes come to this host, or go again. */
    void arrive(Owner owner, long bytes) {
        if (bytes > 0 && usage().bytes() + bytes > limit.maxBytes()) {
            usage.recount();
            limit.check(0, usage().bytes() + bytes);
        }
        arriving.add(owner, bytes);
    }

    /** For what of an upload waits on this host. */
    SpillBuffer newBuffer() {
        return new SpillBuffer(config.spoolDirectory(), account);
    }

    /** What is longer is sent in parts of so many bytes. */
    long partBytes() {
        return PartedObject.partBytes(config.maxFileBytes());
    }

    /** Of a file that is stored now. */
    S3Key newKey(Owner owner, String name) {
        return S3Key.of(prefix, owner, TimeOrderedId.at(clock.instant()), name);
    }

    /** Throws STORAGE_FULL when all processes' files together leave no room for one of {@code bytes}. */
    void checkRoom(long bytes) {
        usage.check(bytes);
    }

    void put(S3Key key, ObjectSource source) {
        bucket.put(key.text(), source.length(), () -> source.open(0, source.length()));
    }

    PartedObject beginParts(S3Key key) {
        return new PartedObject(bucket, key.text(), timings.commit());
    }

    /** An object of {@code bytes} is in the bucket. */
    void stored(Owner owner, long bytes) {
        usage.add(owner, 1, bytes);
    }

    private Optional<S3Object> object(Owner owner, FileId id) {
        String begin = S3Key.all(prefix, owner) + TimeOrderedId.key(id);
        return bucket.list(begin, "", 1).contents().stream().findFirst();
    }

    private Optional<StoredFile> file(Owner owner, S3Object object) {
        return S3Key.parse(object.key())
                .filter(key -> key.nameBytes() >= 0 && key.nameBytes() <= object.size())
                .flatMap(key -> name(key, object.size()).map(name -> key.file(owner, name, object.size())));
    }

    private Optional<String> name(S3Key key, long objectBytes) {
        if (key.name().isPresent()) {
            return key.name();
        }
        return bucket.read(key.text(), objectBytes - key.nameBytes(), key.nameBytes(), Optional.empty())
                .map(answer -> {
                    try (answer) {
                        return new String(answer.readNBytes(key.nameBytes()), UTF_8);
                    } catch (IOException e) {
                        throw StorageUnavailable.because(e);
                    }
                });
    }

    private StoredContent content(StoredFile file, String key, ResponseInputStream<GetObjectResponse> answer) {
        return new StoredContent(
                file, new BucketStream(bucket, key, file.size(), timings.maxPause(), answer, account::releaseFile));
    }
}
