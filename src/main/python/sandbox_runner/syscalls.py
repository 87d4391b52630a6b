"""Numbers of the kernel for both machines: the system calls that the filter judges, and their arguments."""

# The system calls that no program needs here: name, number on x86_64, number on aarch64 ("-": it has none).
REFUSED = (
    # Reading and steering other processes. A /proc/<pid> directory is a pidfd, so sending through one is refused too.
    "ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, pidfd_getfd 438 438, kcmp 312 272,"
    "process_madvise 440 440, process_mrelease 448 448, pidfd_send_signal 424 424,"
    "migrate_pages 256 238, move_pages 279 239, mbind 237 235, set_mempolicy 238 237, set_mempolicy_home_node 450 450,"
    # Large young interfaces, and counters that all containers share.
    "bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217, request_key 249 218,"
    "io_setup 206 0, fanotify_init 300 262, memfd_secret 447 447, modify_ldt 154 -,"
    # System V's objects outlive their makers and are not in any file system, so nothing here could clear them away.
    "shmget 29 194, msgget 68 186, semget 64 190,"
    # Namespaces, mounts and file handles.
    "unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, fsopen 430 430,"
    "fsconfig 431 431, fsmount 432 432, fspick 433 433, open_tree 428 428, move_mount 429 429, mount_setattr 442 442,"
    "open_by_handle_at 304 265, name_to_handle_at 303 264,"
    # The machine itself.
    "kexec_load 246 104, kexec_file_load 320 294, init_module 175 105, finit_module 313 273, delete_module 176 106,"
    "reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, iopl 172 -, ioperm 173 -, syslog 103 116,"
    "quotactl 179 60, quotactl_fd 443 443, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266,"
    "adjtimex 159 171, sethostname 170 161, setdomainname 171 162, vhangup 153 58, lookup_dcookie 212 18"
)
# Calls that libraries try and do without when the kernel does not know them; clone3 and openat2 hide their flags from a
# filter.
UNKNOWN = (
    "clone3 435 435, openat2 437 437, seccomp 317 277, io_uring_setup 425 425, io_uring_enter 426 426,"
    "io_uring_register 427 427"
)
# Calls that succeed and do nothing: they make the host write out what others have on its disks.
IGNORED = "sync 162 81, syncfs 306 267"
# Calls that depend on their arguments, see seccomp_filter.
JUDGED = (
    "kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,"
    "pidfd_open 434 434, prlimit64 302 261, sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,"
    "sched_setaffinity 203 122, setpriority 141 140, ioprio_set 251 30, personality 135 92, clone 56 220,"
    "socket 41 198, socketpair 53 199, ioctl 16 29, fcntl 72 25, open 2 -, openat 257 56, fadvise64 221 223,"
    "preadv2 327 286, setsockopt 54 208, prctl 157 167"
)
# And these where the sandbox's memory does not count what waits in TCP and UDP sockets, see SocketGate.
GATED = "connect 42 203, sendto 44 206, sendmsg 46 211, sendmmsg 307 269"
SECCOMP = {"x86_64": 317, "aarch64": 277}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
CLONE_NEW_ANY = 0x7E020000
CLONE_VM, CLONE_FILES, CLONE_PARENT = 0x100, 0x400, 0x8000
TIOCSTI, TIOCLINUX, F_SETSIG = 0x5412, 0x541C, 10
# What makes the disk read again what memory already has. The image is read-only and everybody's: a file of it that is
# dropped from memory slows down all other sandboxes, too.
O_DIRECT = {"x86_64": 0o40000, "aarch64": 0o200000}
F_SETFL, POSIX_FADV_DONTNEED, RWF_DONTCACHE = 4, 4, 0x80
AF_UNIX, AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP = 1, 2, 10, 6, 17
SOCK_DGRAM, SOCK_SEQPACKET, SOCK_CLOEXEC = 2, 5, 0o2000000  # a datagram or raw socket's kind has the bit of SOCK_DGRAM
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF, SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF = 1, 7, 8, 26, 51
SCM_RIGHTS, MSG_FASTOPEN, MSG_CMSG_CLOEXEC = 1, 0x20000000, 0x40000000
PRIO_USER, IOPRIO_WHO_USER = 2, 3


def syscalls(machine: str, table: str) -> dict:
    """The part of a table that a machine has: number by name."""
    column = 1 + list(AUDIT_ARCH).index(machine)
    rows = (row.split() for row in table.split(","))
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
