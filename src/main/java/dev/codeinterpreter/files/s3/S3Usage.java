package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerKey;
import dev.codeinterpreter.files.StoreLimit;
import dev.codeinterpreter.files.TimeOrderedId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * What all processes have stored together.
 *
 * <p>Theory of operation: a full list counts what there is. Since keys are in the order of time, what came later is at the
 * beginning of each owner's list, and one short list finds it: so before a file is stored the sums of all processes are known
 * but for the files that are just being stored, one of each. What was deleted since is still counted; before a refusal all is
 * counted anew, at most once a second.
 */
final class S3Usage {
    /** Files that come into place later than their ids say, and what clocks differ: they are listed again each time. */
    private static final Duration OVERLAP = Duration.ofMinutes(2);

    /** Sums of this age will do while there is room for many of the largest files. */
    private static final Duration MAX_AGE = Duration.ofSeconds(5);

    private static final Duration RECOUNT_PERIOD = Duration.ofSeconds(1);

    private static final int MANY = 32;
    private static final int PAGE = 1000;

    private final Bucket bucket;
    private final String prefix;
    private final Clock clock;
    private final StoreLimit limit;
    private final long maxFileBytes;

    private volatile Counted old = new Counted(Instant.MIN, Map.of());
    private volatile Counted all = old;

    private final Object recounting = new Object();
    /** By the monotonic clock, before it began; empty when it failed, or this process has deleted something since. */
    private volatile OptionalLong recounted = OptionalLong.empty();

    /** Of one owner, or of all. */
    record Sum(long files, long bytes) {
        Sum plus(Sum other) {
            return new Sum(files + other.files, bytes + other.bytes);
        }
    }

    /**
     * Sums by the owner's part of keys.
     *
     * @param at when
     */
    private record Counted(Instant at, Map<String, Sum> byOwner) {
        Sum total() {
            return byOwner.values().stream().reduce(new Sum(0, 0), Sum::plus);
        }

        Counted plus(Instant time, Map<String, Sum> more) {
            Map<String, Sum> sums = new HashMap<>(byOwner);
            more.forEach((owner, sum) -> sums.merge(owner, sum, Sum::plus));
            return new Counted(time, Map.copyOf(sums));
        }
    }

    S3Usage(Bucket bucket, String prefix, Clock clock, StoreLimit limit, long maxFileBytes) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.clock = clock;
        this.limit = limit;
        this.maxFileBytes = maxFileBytes;
    }

    /** Of all owners, as last known. */
    Sum total() {
        return all.total();
    }

    /** Of one. */
    Sum of(Owner owner) {
        return all.byOwner.getOrDefault(OwnerKey.of(owner), new Sum(0, 0));
    }

    /** Throws STORAGE_FULL when there is no place for one file more of {@code bytes}. */
    void check(long bytes) {
        Instant now = clock.instant();
        Sum known = total();
        boolean roomy = limit.maxBytes() - known.bytes - bytes >= MANY * maxFileBytes
                && limit.maxFiles() - known.files >= PAGE
                && now.isBefore(all.at.plus(MAX_AGE));
        if (!roomy) {
            refresh(now);
            Sum sum = total();
            if (sum.files + 1 > limit.maxFiles() || sum.bytes + bytes > limit.maxBytes()) {
                recount();
                limit.check(total().files + 1, total().bytes + bytes);
            }
        }
    }

    /** A file was stored or deleted by this process; counts until all are listed again. */
    synchronized void add(Owner owner, long files, long bytes) {
        if (files < 0) {
            recounted = OptionalLong.empty();
        }
        all = all.plus(all.at, Map.of(OwnerKey.of(owner), new Sum(files, bytes)));
    }

    /** Counts all before something is refused, at most once a second however many are refused. */
    void recount() {
        synchronized (recounting) {
            long now = System.nanoTime();
            OptionalLong last = recounted;
            if (last.isPresent() && now - last.getAsLong() <= RECOUNT_PERIOD.toNanos()) {
                return;
            }
            recounted = OptionalLong.of(now);
            try {
                count();
            } catch (RuntimeException e) {
                recounted = OptionalLong.empty();
                throw e;
            }
        }
    }

    /** Counts all: a request for each thousand files. */
    void count() {
        Instant now = clock.instant();
        Instant border = now.minus(OVERLAP);
        Map<String, Sum> before = new HashMap<>();
        Map<String, Sum> recent = new HashMap<>();
        String after = "";
        ListObjectsV2Response page;
        do {
            page = bucket.list(S3Key.all(prefix), after, PAGE);
            for (S3Object object : page.contents()) {
                add(isAfter(object, border) ? recent : before, object);
                after = object.key();
            }
        } while (Boolean.TRUE.equals(page.isTruncated()));
        old = new Counted(border, Map.copyOf(before));
        all = old.plus(now, recent);
    }

    /** Counts what was stored since all was counted: a request, and one for each owner, or all where that is fewer. */
    private void refresh(Instant now) {
        Counted counted = old;
        if (counted.at.equals(Instant.MIN)) {
            count();
            return;
        }
        Map<String, Sum> recent = new HashMap<>();
        List<String> owners = bucket.directories(S3Key.all(prefix));
        if (owners.size() > 1 + counted.total().files / PAGE) {
            count();
            return;
        }
        for (String owner : owners) {
            countRecent(owner, counted.at, recent);
        }
        all = counted.plus(now, recent);
    }

    private void countRecent(String owner, Instant border, Map<String, Sum> recent) {
        String after = "";
        while (true) {
            ListObjectsV2Response page = bucket.list(owner, after, PAGE);
            for (S3Object object : page.contents()) {
                if (!isAfter(object, border)) {
                    return;
                }
                add(recent, object);
                after = object.key();
            }
            if (!Boolean.TRUE.equals(page.isTruncated())) {
                return;
            }
        }
    }

    private void add(Map<String, Sum> sums, S3Object object) {
        String owner = object.key().substring(S3Key.all(prefix).length());
        sums.merge(owner.substring(0, Math.max(0, owner.indexOf('/'))), new Sum(1, object.size()), Sum::plus);
    }

    private static boolean isAfter(S3Object object, Instant border) {
        return S3Key.parse(object.key())
                .map(key -> TimeOrderedId.time(key.id()).isAfter(border))
                .orElse(false);
    }
}
