package dev.codeinterpreter.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With real connections over loopback. */
@Timeout(30)
class TcpTableTest {
    private final TcpTable table = new TcpTable();

    @Test
    void seesAConnectionComeAndGo() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket server = listener.accept()) {
            TcpTable.Connection connection = new TcpTable.Connection(server.getLocalPort(), server.getPort());
            assertThat(read(listener)).containsEntry(connection, true);

            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            assertThat(read(listener)).as("CLOSE_WAIT").containsEntry(connection, false);

            server.shutdownOutput();
            assertThat(read(listener).getOrDefault(connection, false)).isFalse();
        }
    }

    @Test
    void tellsTheTwoEndsApart() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket server = listener.accept()) {
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            assertThat(read(listener))
                    .containsEntry(new TcpTable.Connection(client.getPort(), client.getLocalPort()), false)
                    .containsEntry(new TcpTable.Connection(client.getLocalPort(), client.getPort()), false);
        }
    }

    @Test
    void isNotEstablishedWhileItOnlyListens() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(read(listener)).containsEntry(new TcpTable.Connection(listener.getLocalPort(), 0), false);
        }
    }

    private Map<TcpTable.Connection, Boolean> read(ServerSocket listener) throws IOException {
        Map<TcpTable.Connection, Boolean> established = new HashMap<>();
        table.read(Set.of(TcpTable.Connection.listeningOn(listener.getLocalPort())), established);
        return established;
    }
}
