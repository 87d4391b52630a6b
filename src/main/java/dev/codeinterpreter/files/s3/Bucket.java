package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.BucketConfig;
import dev.codeinterpreter.files.StorageUnavailable;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The calls that are made to a bucket. They throw {@link StorageUnavailable} whatever is wrong. */
final class Bucket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Bucket.class.getName());
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_IMPLEMENTED = 501;

    private final S3Client client;
    private final String name;
    private final AwsRequestOverrideConfiguration content;

    Bucket(S3Client client, String name, S3Timings timings) {
        this.client = client;
        this.name = name;
        this.content = timeouts(timings.contentAttempt(), timings.contentCall());
    }

    /**
     * With a client of its own. Asks the bucket nothing.
     *
     * @throws InvalidSettingsException when a client cannot be made of the settings
     */
    static Bucket open(BucketConfig place) {
        try {
            return new Bucket(S3Clients.client(place, S3Timings.DEFAULT), place.name(), S3Timings.DEFAULT);
        } catch (SdkClientException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_S3_BUCKET %s cannot be used: %s".formatted(place.name(), e.getMessage())));
        }
    }

    /** At most 1,000 objects whose keys begin with {@code prefix} and come after {@code after}. */
    ListObjectsV2Response list(String prefix, String after, int max) {
        return call(() -> client.listObjectsV2(r -> r.bucket(name)
                .prefix(prefix)
                .startAfter(after.isEmpty() ? null : after)
                .maxKeys(max)));
    }

    /** What follows {@code prefix} in any key up to a slash, with both. */
    List<String> directories(String prefix) {
        return call(() ->
                client
                        .listObjectsV2Paginator(
                                r -> r.bucket(name).prefix(prefix).delimiter("/"))
                        .commonPrefixes()
                        .stream()
                        .map(CommonPrefix::prefix)
                        .toList());
    }

    /**
     * A range of an object's bytes; the caller reads and closes it. Empty when there is no such object.
     *
     * @param tag that it has to have, where one is given
     */
    Optional<ResponseInputStream<GetObjectResponse>> read(String key, long from, long length, Optional<String> tag) {
        return call(() -> {
            try {
                return Optional.of(client.getObject(r -> r.bucket(name)
                        .key(key)
                        .range("bytes=%d-%d".formatted(from, from + length - 1))
                        .ifMatch(tag.orElse(null))));
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND || e.statusCode() == PRECONDITION_FAILED) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /**
     * Makes an object, or leaves nothing of it. Nobody else has made it: with ids of 74 random bits its own earlier try is the
     * only one.
     */
    void put(String key, long length, Supplier<InputStream> source) {
        boolean made = false;
        try {
            putOnce(key, length, source);
            made = true;
        } finally {
            if (!made) {
                discard(key);
            }
        }
    }

    private void putOnce(String key, long length, Supplier<InputStream> source) {
        call(() -> unlessMade(
                key,
                () -> client.putObject(
                        r -> r.bucket(name)
                                .key(key)
                                .contentLength(length)
                                .ifNoneMatch("*")
                                .overrideConfiguration(content),
                        body(length, source))));
    }

    /** Makes an object, or puts it in the place of one with the same key. */
    void replace(String key, byte[] bytes) {
        call(() -> client.putObject(
                r -> r.bucket(name).key(key).overrideConfiguration(content), RequestBody.fromBytes(bytes)));
    }

    String beginParts(String key) {
        return call(
                () -> client.createMultipartUpload(r -> r.bucket(name).key(key)).uploadId());
    }

    CompletedPart putPart(String key, String upload, int number, long length, Supplier<InputStream> source) {
        return call(() -> CompletedPart.builder()
                .partNumber(number)
                .eTag(client.uploadPart(
                                r -> r.bucket(name)
                                        .key(key)
                                        .uploadId(upload)
                                        .partNumber(number)
                                        .contentLength(length)
                                        .overrideConfiguration(content),
                                body(length, source))
                        .eTag())
                .build());
    }

    /** Makes an object of its parts. When it fails, {@link #abortParts} and then {@link #discard} leave nothing. */
    void completeParts(String key, String upload, List<CompletedPart> parts) {
        call(() -> unlessMade(
                key,
                () -> client.completeMultipartUpload(r -> r.bucket(name)
                        .key(key)
                        .uploadId(upload)
                        .ifNoneMatch("*")
                        .multipartUpload(m -> m.parts(parts))
                        .overrideConfiguration(content))));
    }

    /**
     * Leaves an object alone that has been made of other parts: two uploads have one key where the answer to the first begin
     * was lost. Does not throw: what stays is aborted by the reaper.
     */
    void abortParts(String key, String upload) {
        attempt(() -> client.abortMultipartUpload(r -> r.bucket(name).key(key).uploadId(upload)));
    }

    /**
     * The last try may have been carried out, and only its answer lost. Does not throw: an object whose id nobody has got is
     * deleted when it expires.
     */
    void discard(String key) {
        attempt(() -> client.deleteObject(r -> r.bucket(name).key(key)));
    }

    /** Uploads in parts that have begun and not ended; none where the server does not know or not say. */
    List<MultipartUpload> unfinished(String prefix) {
        return call(() -> {
            try {
                return client.listMultipartUploads(r -> r.bucket(name).prefix(prefix))
                        .uploads();
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_IMPLEMENTED || e.statusCode() == FORBIDDEN) {
                    return List.of();
                }
                throw e;
            }
        });
    }

    /** Whether they were there is not said. */
    void delete(List<String> keys) {
        if (keys.size() == 1) {
            call(() -> client.deleteObject(r -> r.bucket(name).key(keys.getFirst())));
            return;
        }
        List<ObjectIdentifier> objects = keys.stream()
                .map(key -> ObjectIdentifier.builder().key(key).build())
                .toList();
        var answer = call(() -> client.deleteObjects(
                r -> r.bucket(name).delete(d -> d.objects(objects).quiet(true))));
        if (answer.hasErrors() && !answer.errors().isEmpty()) {
            throw StorageUnavailable.because(new IllegalStateException(
                    "objects were not deleted: " + answer.errors().getFirst()));
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /**
     * An answer that was lost on its way leads to a second try, which is refused since the object is there or its parts are
     * gone; servers do that with different statuses. An object with this key is the whole of this file.
     */
    private <T> Optional<T> unlessMade(String key, Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (SdkException e) {
            if (exists(key, e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void attempt(Supplier<?> call) {
        try {
            Object _ = call.get();
        } catch (SdkException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "an upload that failed may stay in the bucket until it is reaped: {0}",
                    e);
        }
    }

    private boolean exists(String key, SdkException failure) {
        try {
            return client.listObjectsV2(r -> r.bucket(name).prefix(key).maxKeys(1)).contents().stream()
                    .anyMatch(object -> object.key().equals(key));
        } catch (SdkException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    private static RequestBody body(long length, Supplier<InputStream> source) {
        return RequestBody.fromContentProvider(
                ContentStreamProvider.fromInputStreamSupplier(source), length, "application/octet-stream");
    }

    private static AwsRequestOverrideConfiguration timeouts(Duration attempt, Duration call) {
        return AwsRequestOverrideConfiguration.builder()
                .apiCallAttemptTimeout(attempt)
                .apiCallTimeout(call)
                .build();
    }

    private static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (ServiceException e) {
            throw e;
        } catch (SdkException e) {
            throw StorageUnavailable.because(e);
        }
    }
}
