package dev.codeinterpreter.execution;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The kernel's table of TCP connections of this network namespace. Lines look like {@code 0: 0100007F:1F40 0100007F:C350 01
 * ...}: number, local address and port, remote address and port, state, all in hexadecimal.
 */
class TcpTable {
    /** In the order in which Java's sockets are found: where there is IPv6 it makes no others. */
    private static final List<Path> FILES = List.of(Path.of("/proc/self/net/tcp6"), Path.of("/proc/self/net/tcp"));

    private static final String ESTABLISHED = "01";

    /**
     * Two ports name a connection well enough here: were two clients on different hosts to use the same port, one of them
     * would be believed alive a little longer.
     */
    record Connection(int localPort, int remotePort) {
        static Connection listeningOn(int port) {
            return new Connection(port, 0);
        }
    }

    /**
     * Adds connections and whether they are established: all of {@code wanted} that there are, and others. It reads no more
     * than it must: to give a file takes the kernel 5 ms, however few lines there are.
     */
    void read(Set<Connection> wanted, Map<Connection, Boolean> established) throws IOException {
        for (Path file : FILES) {
            if (established.keySet().containsAll(wanted)) {
                return;
            }
            if (!Files.exists(file)) {
                // A kernel without IPv6.
                continue;
            }
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                lines.readLine();
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] fields = line.strip().split(" +", 5);
                    established.merge(
                            new Connection(port(fields[1]), port(fields[2])),
                            fields[3].equals(ESTABLISHED),
                            Boolean::logicalOr);
                }
            }
        }
    }

    private static int port(String addressAndPort) {
        return Integer.parseInt(addressAndPort, addressAndPort.lastIndexOf(':') + 1, addressAndPort.length(), 16);
    }
}
