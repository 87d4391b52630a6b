package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The processor time that programs of tenants with a limit have used in the last hour, in this process, to the minute.
 *
 * <p>INVARIANT: {@code this} guards {@code accounts}, which has at most {@value #MAX_TENANTS} entries: as many tenants as a
 * file of keys can give a limit.
 */
final class CpuAccounts {
    private static final int MAX_TENANTS = 10_000;
    private static final int MINUTES = 60;
    private static final long NANOS_PER_MINUTE = Duration.ofMinutes(1).toNanos();

    private final Map<String, Account> accounts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Account> eldest) {
            return size() > MAX_TENANTS;
        }
    };

    /** The sums of the last sixty minutes, each at its number modulo sixty. */
    private static final class Account {
        private final long[] sums = new long[MINUTES];
        private long last;

        private void advance(long minute) {
            for (long passed = Math.max(last + 1, minute - MINUTES + 1); passed <= minute; passed++) {
                sums[Math.floorMod(passed, MINUTES)] = 0;
            }
            last = Math.max(last, minute);
        }

        private long total() {
            long total = 0;
            for (long sum : sums) {
                total += sum;
            }
            return total;
        }

        /** Minutes until the sum is below {@code limit}. */
        private int minutesUntilBelow(long limit) {
            long total = total();
            for (int minutes = 1; minutes < MINUTES; minutes++) {
                total -= sums[Math.floorMod(last + minutes, MINUTES)];
                if (total < limit) {
                    return minutes;
                }
            }
            return MINUTES;
        }
    }

    /**
     * Before a program begins.
     *
     * @throws ServiceException RATE_LIMITED when the caller's tenant has used up what it may have in an hour
     */
    void check(Caller caller) {
        check(caller, System.nanoTime());
    }

    synchronized void check(Caller caller, long now) {
        OptionalLong limit = caller.limits().cpuSecondsPerHour();
        Account account = accounts.get(caller.tenant());
        if (limit.isEmpty() || account == null) {
            return;
        }
        account.advance(Math.floorDiv(now, NANOS_PER_MINUTE));
        long nanos = Math.multiplyExact(Math.min(limit.getAsLong(), 1L << 32), 1_000_000_000L);
        if (account.total() >= nanos) {
            throw ServiceException.rateLimited(
                    "The tenant's programs have used the maximum of %d processor seconds in an hour (cpu_seconds_per_hour). Retry after the Retry-After delay."
                            .formatted(limit.getAsLong()),
                    Duration.ofMinutes(account.minutesUntilBelow(nanos)));
        }
    }

    void add(Caller caller, Duration cpuTime) {
        add(caller, cpuTime, System.nanoTime());
    }

    synchronized void add(Caller caller, Duration cpuTime, long now) {
        if (caller.limits().cpuSecondsPerHour().isEmpty()) {
            return;
        }
        long minute = Math.floorDiv(now, NANOS_PER_MINUTE);
        Account account = accounts.computeIfAbsent(caller.tenant(), tenant -> {
            Account made = new Account();
            made.last = minute;
            return made;
        });
        account.advance(minute);
        account.sums[Math.floorMod(minute, MINUTES)] += cpuTime.toNanos();
    }
}
