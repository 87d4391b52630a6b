"""The filter of system calls, as the kernel would evaluate it."""
import struct
import unittest

from sandbox_runner import seccomp, syscalls


class FilterTest(unittest.TestCase):
    """The filter as the kernel would evaluate it, for both architectures on either."""

    ALLOW, EPERM, ENOSYS, NO_FAMILY = 0x7FFF0000, 0x50001, 0x50026, 0x50061
    IGNORED, EINVAL, EOPNOTSUPP = 0x50000, 0x50016, 0x5005F
    CASES = [
        ("kill", (1, 9), EPERM),
        ("kill", (77, 9), EPERM),
        ("kill", (78, 9), EPERM),
        ("kill", (77 + (5 << 32), 9), EPERM),
        ("kill", (2**64 - 1, 9), EPERM),
        ("kill", (2**32 - 77, 9), EPERM),
        ("kill", (500, 9), ALLOW),
        ("kill", (0, 9), ALLOW),
        ("tgkill", (77, 77, 9), EPERM),
        ("tkill", (78, 9), EPERM),
        ("prlimit64", (0, 0), ALLOW),
        ("prlimit64", (77, 0), EPERM),
        ("setpriority", (0, 77, 0), EPERM),
        ("setpriority", (2, 0, 0), EPERM),
        ("setpriority", (0, 0, 0), ALLOW),
        ("ioprio_set", (3, 0), EPERM),
        ("ioprio_set", (1, 77), EPERM),
        ("ioprio_set", (1, 0), ALLOW),
        ("personality", (0,), ALLOW),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x0040000,), EPERM),
        ("clone", (0x01200011,), ALLOW),
        ("clone", (0x003D0F00,), ALLOW),
        ("clone", (0x10000011,), EPERM),
        ("socket", (1, 1, 0), ALLOW),
        ("socket", (2, 1, 6), ALLOW),
        ("socket", (2, 1, 132), NO_FAMILY),
        ("socket", (16, 3, 0), NO_FAMILY),
        ("socket", (40, 1, 0), NO_FAMILY),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0x5412 + (1 << 32)), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("fcntl", (0, 10, 9), EPERM),
        ("fcntl", (0, 3), ALLOW),
        ("ptrace", (), EPERM),
        ("shmget", (0, 4096, 0o1600), EPERM),
        ("msgget", (0, 0o1600), EPERM),
        ("semget", (0, 1, 0o1600), EPERM),
        ("clone3", (), ENOSYS),
        # Memory for programs that the kernel runs, of which the host has so much for all.
        ("setsockopt", (3, 1, 26), EPERM),
        ("setsockopt", (3, 1, 51), EPERM),
        ("setsockopt", (3, 1, 7), ALLOW),
        ("setsockopt", (3, 6, 26), ALLOW),
        ("prctl", (22, 2), EINVAL),
        ("prctl", (22 + (1 << 32), 1), EINVAL),
        ("prctl", (15, 22), ALLOW),
        ("seccomp", (1, 0), ENOSYS),
        # The disk of the host, which is everybody's.
        ("sync", (), IGNORED),
        ("syncfs", (0,), IGNORED),
        ("fadvise64", (0, 0, 0, 3), ALLOW),
        ("fadvise64", (0, 0, 0, 4), IGNORED),
        ("fadvise64", (0, 0, 0, 4 + (1 << 32)), IGNORED),
        ("openat2", (), ENOSYS),
        ("preadv2", (0, 0, 0, 0, 0, 0), ALLOW),
        ("preadv2", (0, 0, 0, 0, 0, 0x88), EOPNOTSUPP),
        ("openat", (0, 0, 0o2), ALLOW),
        ("fcntl", (0, 4, 0o4000), ALLOW),
        ("fcntl", (0, 4 + (1 << 32), "O_DIRECT"), EINVAL),
        ("fcntl", (0, 3, "O_DIRECT"), ALLOW),
        ("openat", (0, 0, "O_DIRECT"), EINVAL),
        ("open", (0, "O_DIRECT"), EINVAL),
        ("open", (0, 0), ALLOW),
    ]

    def evaluate(self, code, number, arguments, arch):
        data = struct.pack("<IIQ6Q", number, arch, 0, *(tuple(arguments) + (0,) * 6)[:6])
        program = list(struct.iter_unpack("<HBBI", code))
        place = accumulator = steps = 0
        while True:
            op, yes, no, value = program[place]
            place += 1
            steps += 1
            if op == 0x20:
                accumulator = int.from_bytes(data[value : value + 4], "little")
            elif op == 0x05:
                place += value
            elif op == 0x06:
                return value, steps
            else:
                test = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
                place += yes if test[op] else no

    def test_verdicts(self):
        for machine, arch in syscalls.AUDIT_ARCH.items():
            code = seccomp.seccomp_filter(machine, True, 77, [77, 78])
            self.assertLess(len(code) // 8, 1000)
            numbers = {}
            for table in (syscalls.REFUSED, syscalls.UNKNOWN, syscalls.IGNORED, syscalls.JUDGED):
                numbers.update(syscalls.syscalls(machine, table))
            for name, arguments, verdict in self.CASES:
                if name not in numbers:
                    continue
                arguments = [syscalls.O_DIRECT[machine] if value == "O_DIRECT" else value for value in arguments]
                with self.subTest(machine=machine, name=name, arguments=arguments):
                    self.assertEqual(self.evaluate(code, numbers[name], arguments, arch)[0], verdict)
            with self.subTest(machine=machine, name="other calls"):
                for number in set(range(600)) - set(numbers.values()):
                    verdict, steps = self.evaluate(code, number, (), arch)
                    self.assertEqual(verdict, self.ALLOW)
                    self.assertLess(steps, 40)
            self.assertEqual(self.evaluate(code, numbers["kill"], (500,), 0x40000003)[0], self.ENOSYS)
            self.assertEqual(self.evaluate(code, 0x40000000 + 1, (), arch)[0], self.ENOSYS)

    GATED = [
        ("connect", (3, 0, 16), "ASK"),
        ("socket", (2, 1, 0), ALLOW),
        ("socket", (10, 1 | 0o2004000, 6), ALLOW),
        ("socket", (2, 2, 0), "ASK"),
        ("socket", (10, 2 | 0o2004000, 17), "ASK"),
        ("socket", (2 + (1 << 32), 2 + (1 << 32), 17 + (1 << 32)), "ASK"),
        ("socket", (2, 3, 255), NO_FAMILY),
        ("socket", (1, 2, 0), ALLOW),
        ("socket", (16, 3, 0), NO_FAMILY),
        ("setsockopt", (3, 1, 7), IGNORED),
        ("setsockopt", (3, 1 + (1 << 32), 8 + (1 << 32)), IGNORED),
        ("setsockopt", (3, 6, 8), ALLOW),
        ("setsockopt", (3, 1, 2), ALLOW),
        ("setsockopt", (3, 1, 26), EPERM),
        ("sendto", (3, 0, 5, 0x20000000), EOPNOTSUPP),
        ("sendto", (3, 0x20000000, 0x20000000, 0x4000), ALLOW),
        ("sendmsg", (3, 0, 0x20004000), EOPNOTSUPP),
        ("sendmsg", (3, 0, 0), ALLOW),
        ("sendmmsg", (3, 0, 1, 0x20000000), EOPNOTSUPP),
    ]

    def test_verdicts_where_it_asks(self):
        for machine, arch in syscalls.AUDIT_ARCH.items():
            code = seccomp.seccomp_filter(machine, True, 77, [77], (), True)
            numbers = {**syscalls.syscalls(machine, syscalls.JUDGED), **syscalls.syscalls(machine, syscalls.GATED)}
            for name, arguments, verdict in self.GATED:
                verdict = seccomp.Filter.ASK if verdict == "ASK" else verdict
                with self.subTest(machine=machine, name=name, arguments=arguments):
                    self.assertEqual(self.evaluate(code, numbers[name], arguments, arch)[0], verdict)

    def test_many_threads_fit(self):
        code = seccomp.seccomp_filter("x86_64", False, 77, list(range(77, 1077)))
        self.assertLess(len(code) // 8, 4096)
        self.assertEqual(self.evaluate(code, 62, (1000, 9), 0xC000003E)[0], self.EPERM)
        self.assertEqual(self.evaluate(code, 41, (2, 1, 0), 0xC000003E)[0], self.NO_FAMILY)
        self.assertEqual(self.evaluate(code, 0, (), 0xC000003E)[0], self.ALLOW)

    def test_process_1_may_be_asked_to_kill_all(self):
        self.assertEqual(self.evaluate(seccomp.seccomp_filter("x86_64", True, 1, [1]), 62, (2**64 - 1, 9), 0xC000003E)[0], self.ALLOW)
