package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.ATTEMPT;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.Hostile.timesOut;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static dev.codeinterpreter.hostile.RunMode.PYTHON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.util.stream.Stream;

/** Programs that look for a way out: to the runner, the kernel, the network, other programs. */
final class HostileProbes {
    private HostileProbes() {}

    static Stream<Hostile> all() {
        return Stream.of(runner(), kernel(), network()).flatMap(rows -> rows);
    }

    private static Stream<Hostile> runner() {
        return Stream.of(
                prints("S-01 descriptors of the runner", ATTEMPT + """
                        for name in '/proc/1/fd', '/proc/1/fd/0', '/proc/1/fd/1', '/proc/1/fd/100', '/proc/1/mem', '/proc/1/environ', '/proc/1/maps', '/proc/1/root':
                            attempt(name, os.listdir if name[-1] in 'dt' else open, name)
                        """, """
                        /proc/1/fd EACCES
                        /proc/1/fd/0 EACCES
                        /proc/1/fd/1 EACCES
                        /proc/1/fd/100 EACCES
                        /proc/1/mem EACCES
                        /proc/1/environ EACCES
                        /proc/1/maps EACCES
                        /proc/1/root EACCES
                        """),
                prints(
                        "S-02 signals and limits for the runner",
                        ATTEMPT + """
                        import resource
                        for number in 9, 19, 15, 2, 11: attempt(number, os.kill, 1, number)
                        attempt('limit', resource.prlimit, 1, resource.RLIMIT_NOFILE, (0, 0))
                        attempt('affinity', os.sched_setaffinity, 1, [0])
                        attempt('pidfd', signal.pidfd_send_signal, os.open('/proc/1', os.O_RDONLY), 9)
                        """,
                        "9 EPERM\n19 EPERM\n15 EPERM\n2 EPERM\n11 EPERM\nlimit EPERM\naffinity EPERM\npidfd EPERM\n"),
                prints("S-06 limits that no engine sets by itself", """
                        import resource
                        for name in 'CORE', 'MEMLOCK', 'MSGQUEUE', 'NICE', 'RTPRIO', 'SIGPENDING', 'STACK':
                            print(name, *resource.getrlimit(getattr(resource, 'RLIMIT_' + name)))
                        """, """
                        CORE 0 0
                        MEMLOCK 65536 65536
                        MSGQUEUE 0 0
                        NICE 0 0
                        RTPRIO 0 0
                        SIGPENDING 256 256
                        STACK 8388608 8388608
                        """),
                prints("S-07 descriptors that were left to it", """
                        import fcntl
                        def is_open(fd):
                            try: return fcntl.fcntl(fd, fcntl.F_GETFL) >= 0
                            except OSError: return False
                        print([fd for fd in range(1024) if is_open(fd)], len(open('/proc/net/unix').readlines()))
                        """, "[0, 1, 2] 1\n")
                        // A session's runner listens on sockets.
                        .not(PYTHON, BASH),
                timesOut("S-09 everything stands still", 1000, """
                        import os, signal, time
                        if not os.fork(): time.sleep(60)
                        os.kill(-1, signal.SIGSTOP)
                        os.kill(os.getpid(), signal.SIGSTOP)
                        """)
                        // The runner is not process 1 there, which is what no signal reaches.
                        .failsInPods("PermissionError")
                        .not(PYTHON, BASH),
                prints("S-09 everything stands still, in a session", ATTEMPT + """
                        attempt('stop', os.kill, -1, signal.SIGSTOP)
                        attempt('end', os.kill, -1, signal.SIGKILL)
                        """, "stop EPERM\nend EPERM\n")
                        .only(PYTHON, BASH),
                prints(
                                "S-10 a forged result",
                                "print('{\"exit_code\": 0, \"timed_out\": true}')",
                                "{\"exit_code\": 0, \"timed_out\": true}\n")
                        .streamed(),
                prints(
                        "S-12 doors into the sandbox",
                        "for n in 'tcp', 'tcp6', 'udp', 'udp6', 'raw': print(len(open('/proc/net/' + n).readlines()))",
                        "1\n1\n1\n1\n1\n"),
                program(
                                "Z-03 ten megabytes that nobody reads",
                                Program.of("import sys; sys.exit(5)").stdin("x".repeat(10 << 20)),
                                result -> assertThat(result.exited(5)).isTrue())
                        .not(BASH),
                program(
                                "Z-05 input that is closed at once",
                                Program.of("import os; os.close(0); print('on')")
                                        .stdin("x".repeat(1 << 20)),
                                result -> assertThat(result.stdout()).isEqualTo("on\n"))
                        .not(BASH),
                program(
                                "Z-06 input to its end",
                                Program.of("n = 0\nwhile True: n += len(input())")
                                        .stdin("line\n".repeat(100_000)),
                                result -> {
                                    assertThat(result.exited(1)).isTrue();
                                    assertThat(result.stderr()).endsWith("EOFError: EOF when reading a line\n");
                                })
                        .not(BASH),
                program(
                                "Z-07 output while input waits",
                                Program.of("import sys; sys.stdout.write('y' * 900_000); print(len(sys.stdin.read()))")
                                        .stdin("x".repeat(5 << 20)),
                                result -> assertThat(result.stdout()).endsWith("yyy" + (5 << 20) + "\n"))
                        .not(BASH));
    }

    private static Stream<Hostile> kernel() {
        return Stream.of(
                prints("K-01 system calls that nobody needs", ATTEMPT + """
                        libc = ctypes.CDLL(None, use_errno=True)
                        column = ['x86_64', 'aarch64'].index(os.uname().machine)
                        calls = dict(io_uring_setup=(425, 425), bpf=(321, 280), perf_event_open=(298, 241), userfaultfd=(323, 282),
                            keyctl=(250, 219), add_key=(248, 217), request_key=(249, 218), setns=(308, 268), mount=(165, 40),
                            umount2=(166, 39), pivot_root=(155, 41), fsopen=(430, 430), open_tree=(428, 428), move_mount=(429, 429),
                            mount_setattr=(442, 442), ptrace=(101, 117), process_vm_readv=(310, 270), process_vm_writev=(311, 271),
                            pidfd_getfd=(438, 438), kcmp=(312, 272), process_madvise=(440, 440), open_by_handle_at=(304, 265),
                            name_to_handle_at=(303, 264), kexec_load=(246, 104), init_module=(175, 105), delete_module=(176, 106),
                            reboot=(169, 142), swapon=(167, 224), acct=(163, 89), syslog=(103, 116), quotactl=(179, 60),
                            settimeofday=(164, 170), clock_settime=(227, 112), sethostname=(170, 161), mbind=(237, 235),
                            move_pages=(279, 239), chroot=(161, 51), fanotify_init=(300, 262))
                        for name, numbers in calls.items():
                            ctypes.set_errno(0)
                            if libc.syscall(numbers[column], 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                                print(name, ctypes.get_errno())
                        for name, number, flags in ('unshare user', (272, 97), 0x10000000), ('unshare mount', (272, 97), 0x20000), ('personality', (135, 92), 0x40000):
                            if libc.syscall(number[column], flags) != -1: print(name)
                        print('all refused')
                        """, "all refused\n"),
                prints("K-09 another user", ATTEMPT + """
                        attempt('setuid', os.setuid, 0); attempt('setgid', os.setgid, 0); attempt('setgroups', os.setgroups, [0])
                        """, "setuid EPERM\nsetgid EPERM\nsetgroups EPERM\n"),
                prints("K-09 programs of other users", """
                        import os, stat
                        found = []
                        for directory, _, names in os.walk('/'):
                            if directory.startswith(('/proc', '/sys')): continue
                            for name in names:
                                mode = os.lstat(os.path.join(directory, name)).st_mode
                                if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID): found.append(os.path.join(directory, name))
                        print(found)
                        """, "[]\n"),
                prints(
                        "K-11 rights",
                        """
                        for line in open('/proc/self/status'):
                            name, _, value = line.partition(':')
                            if name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'): print(name, int(value, 16))
                        """,
                        "CapInh 0\nCapPrm 0\nCapEff 0\nCapBnd 0\nCapAmb 0\nNoNewPrivs 1\nSeccomp 2\n"),
                prints("K-14 knobs of the kernel", """
                        import os
                        open_ones = []
                        for top in '/proc/sys', '/proc/1', '/sys', '/proc/irq', '/proc/bus', '/proc/fs':
                            for directory, _, names in os.walk(top):
                                for name in names:
                                    path = os.path.join(directory, name)
                                    try:
                                        if os.stat(path).st_rdev == os.makedev(1, 3): continue  # /dev/null, which hides the file
                                        os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b'1'); open_ones.append(path)
                                    except OSError: pass
                        print(open_ones)
                        """, "[]\n"),
                prints("K-15 what the host is", """
                        import os
                        seen = []
                        for name in '/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/cmdline', '/proc/version', '/proc/interrupts', '/proc/sched_debug':
                            try: seen += [name] if open(name).read(100) else []
                            except OSError: pass
                        for name in '/sys/firmware', '/proc/acpi', '/proc/scsi', '/sys/block', '/sys/class', '/sys/devices/virtual/dmi':
                            try: seen += [name] if os.listdir(name) else []
                            except OSError: pass
                        print(seen)
                        """, "[]\n")
                        // What is masked in a pod nobody can choose.
                        .printsInPods("\\[(?!.*(kcore|keys|timer_list|sched_debug|firmware|acpi|scsi)).*]\n"),
                prints("K-17 the host's terminals, of which it has so many for all", ATTEMPT + """
                        for name in '/dev/ptmx', '/dev/pts/ptmx', '/dev/pts/0', '/dev/console', '/dev/tty0':
                            attempt(name, os.open, name, os.O_RDWR | os.O_NOCTTY)
                        attempt('pair', os.openpty)
                        """, """
                        /dev/ptmx ENOENT
                        /dev/pts/ptmx ENOENT
                        /dev/pts/0 ENOENT
                        /dev/console ENOENT
                        /dev/tty0 ENOENT
                        pair ENOENT
                        """),
                prints("D-10 the image read from the disk again and again", ATTEMPT + """
                        import fcntl
                        libc = ctypes.CDLL(None, use_errno=True)
                        arm = os.uname().machine == 'aarch64'
                        direct = 0o200000 if arm else 0o40000
                        fd = os.open('/usr/bin/python3', os.O_RDONLY)
                        attempt('forget', os.posix_fadvise, fd, 0, 0, os.POSIX_FADV_DONTNEED)
                        attempt('directly', os.open, '/usr/bin/python3', os.O_RDONLY | direct)
                        attempt('directly from now on', fcntl.fcntl, fd, fcntl.F_SETFL, direct)
                        attempt('past the cache', os.preadv, fd, [bytearray(4096)], 0, 0x80)
                        print('by another name', libc.syscall(437, -100, b'/usr/bin/python3', 0, 0), ctypes.get_errno())
                        print('all disks', libc.syscall(81 if arm else 162), libc.syscall(267 if arm else 306, fd))
                        """, """
                        forget DONE
                        directly EINVAL
                        directly from now on EINVAL
                        past the cache ENOTSUP
                        by another name -1 38
                        all disks 0 0
                        """),
                prints("K-15 all that can be read of the kernel", """
                        import os
                        KNOWN = set('cpuinfo filesystems loadavg meminfo mounts net self stat sys sysvipc thread-self uptime'.split())
                        def is_full(path):
                            try:
                                if os.path.isdir(path): return bool(os.listdir(path))
                                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                                try: return bool(os.read(fd, 1))
                                finally: os.close(fd)
                            except OSError: return False
                        seen = [n for n in os.listdir('/proc') if not n.isdigit() and n not in KNOWN and is_full('/proc/' + n)]
                        for top, known in (('/sys', 'devices fs'), ('/sys/devices', 'system'), ('/sys/devices/system', 'cpu node'),
                                ('/sys/fs', 'cgroup'), ('/proc/sys/kernel/random', 'entropy_avail poolsize urandom_min_reseed_secs uuid write_wakeup_threshold')):
                            seen += [top + '/' + n for n in os.listdir(top) if n not in known.split() and is_full(top + '/' + n)]
                        print(sorted(seen))
                        """, "[]\n")
                        // What is masked in a pod nobody can choose.
                        .printsInPods("\\[.*]\n"),
                prints("I-04 the machine's name and other processes", """
                        import os, socket
                        def line(pid): return open(f'/proc/{pid}/cmdline').read()
                        # The runner, the program and what shares its memory are forks of one.
                        print(socket.gethostname(), [line(n) == line(1) for n in os.listdir('/proc') if n.isdigit()])
                        """, "sandbox [True, True, True]\n")
                        // Process 1 is the waiter there: the runner is started in it by exec.
                        .printsInPods("sandbox \\[True, False, False, False]\n")
                        .not(PYTHON, BASH),
                prints("I-08 secrets of the service", """
                        import os
                        hits = []
                        secret = b'CANARY-' + b'SECRET'
                        for top in '/proc', '/etc', '/run', '/tmp', '/dev', '/var', '/root', '/home':
                            for directory, _, names in os.walk(top):
                                for name in names:
                                    path = os.path.join(directory, name)
                                    if directory.startswith('/proc/') and name not in ('environ', 'cmdline', 'mountinfo', 'maps'): continue
                                    try:
                                        f = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                                        if secret in os.read(f, 1 << 20): hits.append(path)
                                        os.close(f)
                                    except OSError: pass
                        print(hits)
                        """, "[]\n"));
    }

    private static Stream<Hostile> network() {
        return Stream.of(
                prints("E-01 the outside", """
                        import socket, time
                        start = time.monotonic()
                        for address in '1.1.1.1', '172.17.0.1', '169.254.169.254', '169.254.170.2', '10.0.0.1', '192.168.0.1':
                            for kind, port in (socket.SOCK_STREAM, 443), (socket.SOCK_DGRAM, 53):
                                try:
                                    s = socket.socket(socket.AF_INET, kind); s.settimeout(2); s.connect((address, port)); s.send(b'x'); print(address)
                                except OSError as error: assert not isinstance(error, TimeoutError), address
                        for address in 'fd00:ec2::254', '2606:4700:4700::1111', 'fe80::1':
                            try: socket.create_connection((address, 80), 2); print(address)
                            except OSError as error: assert not isinstance(error, TimeoutError), address
                        print(time.monotonic() - start < 2)  # none of them hangs: that would take a timeout
                        """, "True\n"),
                prints("E-02 strange sockets", ATTEMPT + """
                        for name, family, kind, protocol in (('raw', 2, 3, 1), ('ping', 2, 2, 1), ('packet', 17, 3, 0), ('netlink', 16, 3, 0), ('vsock', 40, 1, 0),
                                ('alg', 38, 5, 0), ('xdp', 44, 3, 0), ('bluetooth', 31, 3, 0), ('sctp', 2, 1, 132), ('kcm', 41, 2, 0), ('tipc', 30, 2, 0)):
                            try: socket.socket(family, kind, protocol); print(name)
                            except OSError: pass
                        """, ""),
                prints("E-03 names", """
                        import socket, time
                        start = time.monotonic()
                        for name in 'example.com', 'metadata.google.internal', 'kubernetes.default.svc':
                            try: print(socket.getaddrinfo(name, 80))
                            except OSError: pass
                        print(time.monotonic() - start < 4)  # a resolver that waits for an answer takes five
                        """, "True\n"),
                prints("E-07 tokens and sockets of the host", """
                        import os
                        print([n for n in ('/var/run/secrets', '/var/run/docker.sock', '/run/docker.sock', '/run/containerd', '/run/dbus') if os.path.exists(n)])
                        """, "[]\n"),
                prints(
                                "E-13 interfaces",
                                "print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])",
                                "['lo']\n")
                        // It can make no socket for that, see E-01 and E-02.
                        .printsInPods("\\['lo'.*]\n"));
    }
}
