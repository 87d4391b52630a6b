"""Runs one untrusted program in a sandbox and reports to its owner over a pair of descriptors.

Theory of operation

The owner starts `python3 -c LOADER` in a fresh container, the python3 of the image's PATH, and sends the modules that
modules.txt names, in its order, then frames: a type byte, a length and at most 64 KiB. A single run gets those of the core,
a session also those of `session`; the last one's `main` is called. Compiling them takes longer than anything else here, so the first sandbox reports the
result, and the owner sends it along to all others; an interpreter of another version compiles again. Docstrings, a tenth
of it, are left out. The loader enters each module in sys.modules while the next ones import from it, and removes all of
them before `main` is called: neither libraries nor the program find them there.

One process lives two lives. The parent, often PID 1, talks to the owner and never runs, parses or imports anything of
the program's. For a run it forks; the child gives up all that it inherited, locks itself in and becomes
`python3 /workspace/__main__.py`. It is forked before the program is known: locking it in takes longer than most programs
run. Where libraries are wanted a second child imports them and takes the place of the first, see preload; which is why
we fork and do not exec.

    harden -> CONFIG -> fork -> READY -> (PRELOAD ->) FILE.. -> RUN -> pump, kill all, -> EXIT -> collect -> FILE.. -> DONE

Both lives have the same uid, and the program may be hostile. What keeps the parent out of its reach:
  - the parent is not dumpable, so its memory, descriptors and environment in /proc belong to root;
  - the parent blocks every signal that can be blocked, and the child's seccomp filter refuses SIGKILL, ptrace, limits
    and priorities aimed at it;
  - the child holds no descriptor but 0, 1 and 2, and one on which it shows things: pipes of its own. What comes out of
    the last one is measured and passed on, never interpreted: see shown;
  - the parent imports all it needs before the fork, and its sys.path has no directory that the program can write.
What keeps the parent responsive: all its descriptors are non-blocking, one poll waits for all of them, every queue has
a bound, and when the owner hangs up everything dies at once. The sandbox lives exactly as long as its owner listens.

When the main process ends, all others are killed before anything else happens. From then on no process races with us: the
pipes are read to their end and the workspace is walked as a file system at rest.

The parent shares its memory's limit with the program: see memory. A session answers one command after another, and lives
until its time is up: see session.
"""
