package dev.codeinterpreter.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverflowTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 8191, 8192, 8193, 16_385, 300_001})
    void givesBackWhatItWasGiven(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        try (Overflow received = new Overflow(directory);
                Overflow written = new Overflow(directory)) {
            received.receive(new ByteArrayInputStream(bytes));
            for (int from = 0; from < size; from += 700) {
                written.write(Arrays.copyOfRange(bytes, from, Math.min(size, from + 700)));
            }
            assertThat(content(received)).isEqualTo(bytes);
            assertThat(content(written)).isEqualTo(bytes);
        }
        assertThat(directory).isEmptyDirectory();
    }

    private static byte[] content(Overflow overflow) throws IOException {
        try (InputStream in = overflow.open()) {
            byte[] bytes = in.readAllBytes();
            assertThat(overflow.length()).isEqualTo(bytes.length);
            return bytes;
        }
    }
}
