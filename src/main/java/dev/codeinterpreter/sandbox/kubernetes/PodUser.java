package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.config.Settings;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Who the processes of a sandbox are. A variable that is set to nothing leaves its field out of the pod, so that the cluster
 * assigns one, as OpenShift does from the range of the namespace.
 *
 * @param user {@link Id#OWN}, a uid for each sandbox, when not set (KUBERNETES_EXECUTOR_RUN_AS_USER)
 * @param group {@link Id#OWN}, the same number as the uid, when not set (KUBERNETES_EXECUTOR_RUN_AS_GROUP)
 * @param fsGroup of the pod's volumes, left out when not set: everybody in the pod may write to them anyway
 *     (KUBERNETES_EXECUTOR_FS_GROUP)
 */
record PodUser(Id user, Id group, Id fsGroup) {
    static final PodUser DEFAULT = new PodUser(Id.OWN, Id.OWN, Id.LEFT_OUT);

    private static final long FIRST_OWN = 200_000;
    private static final long END_OF_OWN = Integer.MAX_VALUE;

    /** One of the three. */
    record Id(Kind kind, long number) {
        static final Id OWN = new Id(Kind.OWN, 0);
        static final Id LEFT_OUT = new Id(Kind.LEFT_OUT, 0);
        private static final long MAX_NUMBER = Integer.MAX_VALUE;

        private enum Kind {
            OWN,
            FIXED,
            LEFT_OUT
        }

        static Id fixed(long number) {
            return new Id(Kind.FIXED, number);
        }

        private static Id from(Settings settings, String name, Id defaultId, long least) {
            if (settings.isEmpty(name)) {
                return LEFT_OUT;
            }
            String accepts = "a whole number from %d to %d".formatted(least, MAX_NUMBER);
            return settings.parsed(name, defaultId, accepts, text -> {
                long id = Long.parseLong(text);
                if (id < least || id > MAX_NUMBER) {
                    throw new IllegalArgumentException(text);
                }
                return fixed(id);
            });
        }

        /** @return what stands in the pod; {@code own} is the sandbox's, null where that is left out */
        private @Nullable Long resolve(@Nullable Long own) {
            return switch (kind) {
                case OWN -> own;
                case FIXED -> number;
                case LEFT_OUT -> null;
            };
        }
    }

    /**
     * For a sandbox: above every user of a node and above the ranges that distributions give away. There are two thousand
     * million of them: that two sandboxes of a node have the same one is not to be feared.
     */
    static long randomUid() {
        return ThreadLocalRandom.current().nextLong(FIRST_OWN, END_OF_OWN);
    }

    static PodUser from(Settings settings) {
        return new PodUser(
                // Not 0: no sandbox runs as root.
                Id.from(settings, "KUBERNETES_EXECUTOR_RUN_AS_USER", Id.OWN, 1),
                Id.from(settings, "KUBERNETES_EXECUTOR_RUN_AS_GROUP", Id.OWN, 0),
                Id.from(settings, "KUBERNETES_EXECUTOR_FS_GROUP", Id.LEFT_OUT, 0));
    }

    @Nullable
    Long uid(long own) {
        return user.resolve(own);
    }

    @Nullable
    Long gid(long own) {
        return group.resolve(uid(own));
    }

    @Nullable
    Long volumeGroup() {
        return fsGroup.resolve(null);
    }
}
