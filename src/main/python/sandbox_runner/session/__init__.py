"""A session: one command after another in the same sandbox, each over a connection of its own.

Process 1 accepts connections, reaps children and watches the clock, and never waits for anything else:

    supervisor -+- handler -- bash -c .. -- ..     one for each command of the shell and each transfer of a file
                +- handler -- shell                the spare one, for the next command: see spare
                +- keeper --- interpreter -- ..    one for the session's life; the interpreter is replaced when it dies

Handler and keeper adopt every orphan below them, so the descendants of a command are exactly those of its handler, or
those of the keeper that were not there before. What a command leaves running is inherited by process 1 and lives on.
Now processes of the program are always about while we work. All of ours are not dumpable and their ids are known to
the filter of every program that starts after them; nothing stops a process that was started by an earlier command from
killing a handler, whose command is then lost with its connection. A spare handler or its shell that is killed, or stopped, while
it waits costs nothing but the time to make another one.

One process beside them is executed and not forked: the connector, which carries commands and their answers. Until it has
called prctl for that, it is dumpable. A program that runs by then must not get hold of its descriptors, or it answers
in our place:
  - where the engine lets us, the connector has another uid, which no program can have;
  - each command is in a Landlock domain of its own, the connector and all of ours are in none of these. So a command
    that runs on has no way to the descriptors and the memory of a later one either. Signals, files, sockets and what
    /proc shows to everybody pass between commands as ever;
  - the runner is in a domain around all of these, without its socket and the connector. Where Landlock knows of scopes
    (Linux 6.12), no program can signal the connector or connect to the socket.
In a pod, where all uids are the same, there is no session without Landlock unless the operator wants one.
"""
