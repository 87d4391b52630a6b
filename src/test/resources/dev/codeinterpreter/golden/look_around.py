# Says what a program finds around it, in an order and in words that are the same for every run and every machine: what
# is the sandbox's own, such as its uid, is left out, and so is what only tells of the kernel's version.
import ctypes, errno, fcntl, os, re, resource, signal, socket, stat, sys

UID = str(os.getuid())
OURS = "devpts mqueue proc tmpfs".split()  # other file systems are whatever the machine has


def title(text):
    print(f"\n== {text}")


def own(text):
    return text.replace(UID, "UID")


def nameless(path):
    return re.sub("(pod)?[0-9a-f-]{30,}", r"\1ID", path)


def code(call, *arguments):
    try:
        call(*arguments)
        return "done"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


title("status")
for line in open("/proc/self/status"):
    name, _, value = line.partition(":")
    if name.startswith("Cap") or name in ("NoNewPrivs", "Seccomp", "Uid", "Gid", "Groups", "Umask", "SigBlk", "SigIgn"):
        print(name, own(" ".join(value.split())))
print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), "oom_score_adj", open("/proc/self/oom_score_adj").read().strip())
print("directory", os.getcwd(), "terminal", os.isatty(0), "session leader", os.getsid(0) == os.getpid())

def line(pid):
    return open(f"/proc/{pid}/cmdline").read()


# All are forks of one: process 1, which is the runner, we, and what shares our memory. In a pod process 1 is another.
processes = [n for n in os.listdir("/proc") if n.isdigit()]
print("processes", (len(processes), "others", len([n for n in processes if line(n) != line(1)])) if "--alone" in LOOK else "not asked")

title("limits")
for name in sorted(n for n in dir(resource) if n.startswith("RLIMIT_")):
    # The machine's memory decides these two.
    print(name, "of the machine" if name in ("RLIMIT_AS", "RLIMIT_NPROC") else resource.getrlimit(getattr(resource, name)))

title("mounts that can be written to")
for line in sorted(open("/proc/self/mounts")):
    _, place, kind, options, *_ = line.split()
    if "rw" in options.split(",") and not place.startswith(("/sys/fs/cgroup", "/proc/")):
        kept = sorted(o for o in options.split(",") if o not in ("inode64", "inode32", "relatime"))
        what = kind, own(",".join(kept))
        print(place, *(what if kind in OURS else ["of the machine"]), "writable" if os.access(place, os.W_OK) else "closed")

title("mounts that can not")
for line in sorted(open("/proc/self/mounts")):
    _, place, kind, options, *_ = line.split()
    # Docker Engine 28 mounts no /etc/hostname where there is no network, others do.
    if "ro" in options.split(",") and not place.startswith(("/sys", "/proc")) and place != "/etc/hostname":
        print(place)

title("what can be read of the host")
for path in ("/proc/kcore /proc/keys /proc/timer_list /proc/cmdline /proc/version /proc/interrupts /proc/sched_debug"
             " /proc/kmsg /proc/sysrq-trigger /dev/kmsg /dev/mem").split():
    try:
        print(path, bool(open(path, "rb").read(64).strip(b"\0 \n")))
    except OSError:
        print(path, False)
for path in "/sys/firmware /proc/acpi /proc/scsi /sys/block /sys/class /sys/devices/virtual/dmi /root /var/run/secrets".split():
    try:
        print(path, bool(os.listdir(path)))
    except OSError:
        print(path, False)

for path in "/proc/kallsyms", "/proc/iomem", "/proc/modules":
    try:
        print("addresses in", path, any("0x" in word or len(word) > 15 and int(word, 16) for line in list(open(path))[:50]
                                        for word in line.replace("-", " ").split() if not word.strip("0123456789abcdefx")))
    except OSError:
        print("addresses in", path, False)

title("cgroup")
print(sorted({nameless(line.strip().rpartition(":")[2]) for line in open("/proc/self/cgroup")}))
print("writable", [d for d, _, _ in os.walk("/sys/fs/cgroup") if os.access(d, os.W_OK)])

title("devices")
print(" ".join(sorted(n for n in os.listdir("/dev") if not stat.S_ISLNK(os.lstat("/dev/" + n).st_mode))))

title("environment")
for name in sorted(os.environ):
    print(name, "=", os.environ[name])

title("descriptors")
for fd in range(1024):
    try:
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    except OSError:
        continue
    mode = os.fstat(fd).st_mode
    kind = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device" if stat.S_ISCHR(mode) else "file"
    print(fd, kind, ("read", "write", "both")[flags & 3])

title("network")
print("interfaces", [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line])
print("routes", len(open("/proc/net/route").readlines()) - 1)
for name in "tcp tcp6 udp udp6 raw raw6 packet".split():
    try:
        print("in /proc/net/" + name, len(open("/proc/net/" + name).readlines()) - 1)
    except OSError as error:
        print("in /proc/net/" + name, errno.errorcode[error.errno])
print("names of unix sockets", sorted({line.split()[7] for line in open("/proc/net/unix") if len(line.split()) > 7} - {"Path"}))
print("host name", socket.gethostname())
families = dict(unix=1, inet=2, ax25=3, ipx=4, inet6=10, netlink=16, packet=17, rds=21, can=29, tipc=30, bluetooth=31,
                alg=38, nfc=39, vsock=40, kcm=41, qipcrtr=42, smc=43, xdp=44)
for name, family in families.items():
    if name.startswith("inet"):  # the version of the cgroups decides
        print("socket", name, "of the machine")
        continue
    print("socket", name, *(code(lambda: socket.socket(family, kind, 0).close()) for kind in (1, 2, 3, 5)))
print("socket ping", code(socket.socket, 2, 2, 1), "icmp", code(socket.socket, 2, 3, 1), "sctp", code(socket.socket, 2, 1, 132))

title("system calls, with arguments that make most of them fail even where they are allowed")
libc = ctypes.CDLL(None, use_errno=True)
column = ["x86_64", "aarch64"].index(os.uname().machine)
BAD = -1
calls = """
io_uring_setup 425 425|io_uring_enter 426 426|io_uring_register 427 427|bpf 321 280|perf_event_open 298 241|userfaultfd 323 282
keyctl 250 219|add_key 248 217|request_key 249 218|setns 308 268|mount 165 40|umount2 166 39|pivot_root 155 41|fsopen 430 430
fsconfig 431 431|fsmount 432 432|fspick 433 433|open_tree 428 428|move_mount 429 429|mount_setattr 442 442|ptrace 101 117
process_vm_readv 310 270|process_vm_writev 311 271|pidfd_getfd 438 438|kcmp 312 272|process_madvise 440 440
open_by_handle_at 304 265|name_to_handle_at 303 264|kexec_load 246 104|kexec_file_load 320 294|init_module 175 105
finit_module 313 273|delete_module 176 106|reboot 169 142|swapon 167 224|swapoff 168 225|acct 163 89|syslog 103 116
quotactl 179 60|settimeofday 164 170|clock_settime 227 112|adjtimex 159 171|sethostname 170 161|setdomainname 171 162
mbind 237 235|set_mempolicy 238 237|move_pages 279 239|migrate_pages 256 238|chroot 161 51|fanotify_init 300 262
lookup_dcookie 212 18|vhangup 153 58|nfsservctl 180 42|remap_file_pages 216 234|memfd_secret 447 447
seccomp 317 277|clone3 435 435|membarrier 324 283|rseq 334 293|mincore 27 232|shmget 29 194|semget 64 190
msgget 68 186|mq_open 240 180|inotify_init1 294 26|capset 126 91|setuid 105 146|setgroups 116 159|prlimit64 302 261
sched_setattr 314 274|ioprio_set 251 30|personality 135 92
""".replace("\n", "|").split("|")
for entry in filter(None, calls):
    name, *numbers = entry.split()
    ctypes.set_errno(0)
    bad = ctypes.c_long(BAD)
    result = libc.syscall(ctypes.c_long(int(numbers[column])), bad, bad, bad, bad, bad, bad)
    print(name, errno.errorcode.get(ctypes.get_errno(), ctypes.get_errno()) if result == -1 else "done")
for name, numbers, arguments in (
        ("unshare(user)", (272, 97), (0x10000000,)), ("unshare(mount)", (272, 97), (0x20000,)),
        ("unshare(net)", (272, 97), (0x40000000,)), ("clone(user)", (56, 220), (0x10000011, 0, 0, 0, 0)),
        ("personality(no randomness)", (135, 92), (0x40000,)), ("setuid(0)", (105, 146), (0,)), ("setgid(0)", (106, 144), (0,)),
        ("kill(1, 0)", (62, 129), (1, 0)), ("kill(1, 9)", (62, 129), (1, 9)), ("prlimit64(1)", (302, 261), (1, 7, 0, 0)),
        ("prctl(set mm)", (157, 167), (35, 1, 0, 0, 0)), ("ptrace(trace me)", (101, 117), (0, 0, 0, 0)),
        ("ioctl(push a byte to the terminal)", (16, 29), (0, 0x5412, 0))):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(numbers[column]), *map(ctypes.c_long, arguments))
    if result == 0 and name.startswith("clone"):
        os._exit(0)
    print(name, errno.errorcode.get(ctypes.get_errno(), ctypes.get_errno()) if result == -1 else "done")
