package dev.codeinterpreter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.server.ConnectionListener.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
    private static final Logger LOGGER = Logger.getLogger(Connections.class.getName());
    private static final ConnectionLimits LIMITS = new ConnectionLimits(8, 2);

    private final List<String> lines = new ArrayList<>();
    private final List<Reason> counted = new ArrayList<>();
    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
            lines.add(formatter.formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void leave() {
        LOGGER.removeHandler(handler);
    }

    @Test
    void writesALineForTheFirstAndNoMoreInItsPeriodButCountsThemAll() {
        add(Duration.ofHours(1));
        assertThat(lines)
                .containsExactly(
                        "connections refused or evicted: {limit=1} (MAX_CONNECTIONS in force 8, MAX_CONNECTIONS_PER_ADDRESS 2)");
    }

    @Test
    void writesTheNextLineAfterItsPeriod() {
        add(Duration.ZERO);
        assertThat(lines).hasSize(3);
        assertThat(lines.getLast()).contains("{address=1}");
    }

    private void add(Duration period) {
        RefusalLog log = new RefusalLog(counted::add, LIMITS, period);
        List<Reason> reasons = List.of(Reason.LIMIT, Reason.LIMIT, Reason.ADDRESS);
        reasons.forEach(log::add);
        assertThat(counted).isEqualTo(reasons);
    }
}
