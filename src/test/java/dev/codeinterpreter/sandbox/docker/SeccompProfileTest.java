package dev.codeinterpreter.sandbox.docker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What seccomp.json lets through. It is a list of what is allowed: whatever it does not name is refused. */
class SeccompProfileTest {
    private static final long NEW_NAMESPACES = 0x7E020000L;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private final JsonObject profile = profile();

    @Test
    void refusesWhatItDoesNotName() {
        assertThat(profile.getString("defaultAction")).isEqualTo("SCMP_ACT_ERRNO");
    }

    @Test
    void knowsNoOlderArchitecture() {
        assertThat(profile.getJsonArray("archMap").getValuesAs(JsonObject.class))
                .hasSize(2)
                .allSatisfy(architecture -> {
                    assertThat(architecture.getString("architecture")).isIn("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64");
                    assertThat(architecture.getJsonArray("subArchitectures")).isEmpty();
                });
    }

    @Test
    void namesNoCallTwiceInOneRule() {
        assertThat(rules()).allSatisfy(rule -> assertThat(names(rule)).doesNotHaveDuplicates());
    }

    /** A call with conditions that is also allowed without any would be allowed always. */
    @Test
    void namesACallEitherWithConditionsOrWithout() {
        assertThat(calls(rules().filter(rule -> !isConditional(rule)))).doesNotHaveDuplicates();
        Set<String> conditional = new TreeSet<>(calls(rules().filter(SeccompProfileTest::isConditional)));
        assertThat(conditional)
                .containsExactlyInAnyOrder("clone", "fadvise64", "personality", "socket")
                .doesNotContainAnyElementsOf(calls(rules().filter(rule -> !isConditional(rule))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Other processes.
                "ptrace",
                "process_vm_readv",
                "process_vm_writev",
                "process_madvise",
                "process_mrelease",
                "pidfd_getfd",
                "kcmp",
                "migrate_pages",
                "move_pages",
                "mbind",
                "set_mempolicy",
                // Large young interfaces, and what all containers share.
                "io_uring_setup",
                "io_uring_enter",
                "io_uring_register",
                "bpf",
                "perf_event_open",
                "userfaultfd",
                "keyctl",
                "add_key",
                "request_key",
                "fanotify_init",
                "fanotify_mark",
                "memfd_secret",
                "modify_ldt",
                // System V's objects, which outlive their makers.
                "shmget",
                "shmat",
                "shmdt",
                "shmctl",
                "msgget",
                "msgsnd",
                "msgrcv",
                "msgctl",
                "semget",
                "semop",
                "semtimedop",
                "semctl",
                // Namespaces, mounts and file handles.
                "unshare",
                "setns",
                "mount",
                "umount",
                "umount2",
                "pivot_root",
                "chroot",
                "fsopen",
                "fsconfig",
                "fsmount",
                "fspick",
                "open_tree",
                "move_mount",
                "mount_setattr",
                "statmount",
                "listmount",
                "open_by_handle_at",
                "name_to_handle_at",
                // The machine.
                "kexec_load",
                "kexec_file_load",
                "init_module",
                "finit_module",
                "delete_module",
                "create_module",
                "query_module",
                "reboot",
                "swapon",
                "swapoff",
                "acct",
                "iopl",
                "ioperm",
                "syslog",
                "quotactl",
                "quotactl_fd",
                "settimeofday",
                "stime",
                "clock_settime",
                "clock_adjtime",
                "adjtimex",
                "sethostname",
                "setdomainname",
                "vhangup",
                "lookup_dcookie",
                "nfsservctl",
                "uselib",
                "ustat",
                "sysfs",
                "_sysctl",
                "vm86",
                "vm86old",
                "lsm_set_self_attr"
            })
    void allowsNothingThatNoProgramNeeds(String call) {
        assertThat(calls(rules().filter(SeccompProfileTest::isAllowing))).doesNotContain(call);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"execve", "fork", "vfork", "openat", "mmap", "futex", "memfd_create", "socketpair", "statx"})
    void allowsWhatProgramsLiveOn(String call) {
        assertThat(calls(rules().filter(SeccompProfileTest::isAllowing))).contains(call);
    }

    /** Libraries fall back to clone and openat, whose flags a filter can read, only after this very error. */
    @ParameterizedTest
    @ValueSource(strings = {"clone3", "openat2"})
    void saysThatCallsWithHiddenFlagsDoNotExist(String call) {
        assertThat(rules(call)).singleElement().satisfies(rule -> {
            assertThat(rule.getString("action")).isEqualTo("SCMP_ACT_ERRNO");
            assertThat(rule.getInt("errnoRet")).isEqualTo(38);
        });
    }

    /** They would write out what the whole host has in memory. */
    @ParameterizedTest
    @ValueSource(strings = {"sync", "syncfs"})
    void ignoresCallsThatReachTheDisksOfTheHost(String call) {
        assertThat(rules(call)).singleElement().satisfies(rule -> {
            assertThat(rule.getString("action")).isEqualTo("SCMP_ACT_ERRNO");
            assertThat(rule.getInt("errnoRet")).isZero();
            assertThat(isConditional(rule)).isFalse();
        });
    }

    /** In the low word, which is all that the kernel reads of the advice: 4 and 4 + 2^32 are the same to it. */
    @Test
    void ignoresTheAdviceToDropAFileFromMemory() {
        assertThat(rules("fadvise64")).hasSize(2).allSatisfy(rule -> {
            JsonObject condition = conditions(rule).getJsonObject(0);
            assertThat(condition.getInt("index")).isEqualTo(3);
            assertThat(condition.getString("op")).isEqualTo("SCMP_CMP_MASKED_EQ");
            assertThat(condition.getInt("value")).isEqualTo(POSIX_FADV_DONTNEED);
            boolean drops = condition.getInt("valueTwo") == POSIX_FADV_DONTNEED;
            assertThat(rule.getString("action")).isEqualTo(drops ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW");
            assertThat(rule.getInt("errnoRet", 0)).isZero();
            assertThat(rule.containsKey("errnoRet")).isEqualTo(drops);
        });
    }

    @Test
    void clonesWithoutNewNamespaces() {
        assertThat(rules("clone")).singleElement().satisfies(rule -> {
            assertThat(conditions(rule)).hasSize(1);
            JsonObject condition = conditions(rule).getJsonObject(0);
            assertThat(condition.getInt("index")).isZero();
            assertThat(condition.getString("op")).isEqualTo("SCMP_CMP_MASKED_EQ");
            assertThat(condition.getJsonNumber("value").longValueExact()).isEqualTo(NEW_NAMESPACES);
            assertThat(condition.getInt("valueTwo")).isZero();
        });
    }

    @Test
    void changesNoPersonality() {
        assertThat(rules("personality")
                        .map(rule -> conditions(rule).getJsonObject(0).getJsonNumber("value"))
                        .map(value -> value.longValueExact()))
                .as("only the native one, and asking for it")
                .containsExactlyInAnyOrder(0L, 0xFFFFFFFFL);
    }

    @Test
    void makesSocketsForLoopbackOnly() {
        assertThat(rules("socket")).allSatisfy(rule -> {
            JsonArray conditions = conditions(rule);
            assertThat(conditions.getValuesAs(JsonObject.class))
                    .isNotEmpty()
                    .allSatisfy(
                            condition -> assertThat(condition.getString("op")).isEqualTo("SCMP_CMP_EQ"));
            int family = argument(conditions, 0);
            if (family != AF_UNIX) {
                assertThat(family).isIn(AF_INET, AF_INET6);
                assertThat(argument(conditions, 2)).as("protocol").isIn(0, 6, 17);
            }
        });
        assertThat(rules("socket"))
                .as("AF_UNIX, and two families of three protocols")
                .hasSize(7);
    }

    private static int argument(JsonArray conditions, int index) {
        return conditions.getValuesAs(JsonObject.class).stream()
                .filter(condition -> condition.getInt("index") == index)
                .findFirst()
                .orElseThrow()
                .getInt("value");
    }

    private Stream<JsonObject> rules() {
        return profile.getJsonArray("syscalls").getValuesAs(JsonObject.class).stream();
    }

    private Stream<JsonObject> rules(String call) {
        return rules().filter(rule -> names(rule).contains(call));
    }

    private static List<String> calls(Stream<JsonObject> rules) {
        return rules.flatMap(rule -> names(rule).stream()).toList();
    }

    private static List<String> names(JsonObject rule) {
        return rule.getJsonArray("names").getValuesAs(JsonString::getString);
    }

    private static boolean isAllowing(JsonObject rule) {
        return rule.getString("action").equals("SCMP_ACT_ALLOW");
    }

    private static boolean isConditional(JsonObject rule) {
        return rule.containsKey("args");
    }

    private static JsonArray conditions(JsonObject rule) {
        return rule.getJsonArray("args");
    }

    private static JsonObject profile() {
        try (JsonReader reader =
                Json.createReader(requireNonNull(SeccompProfileTest.class.getResourceAsStream("seccomp.json")))) {
            return reader.readObject();
        }
    }
}
