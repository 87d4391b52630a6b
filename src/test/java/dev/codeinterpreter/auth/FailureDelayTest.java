package dev.codeinterpreter.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailureDelayTest {
    private final FailureDelay delay = new FailureDelay(AuthTimings.DEFAULT);

    @Test
    void leavesTheFirstFailuresAloneAndCountsEachAddressForItself() throws UnknownHostException {
        for (int i = 0; i < FailureDelay.FREE; i++) {
            assertThat(delay.count(address("10.0.0.1"))).isZero();
        }
        assertThat(delay.count(address("10.0.0.1"))).isEqualTo(Duration.ofSeconds(1));
        assertThat(delay.count(address("10.0.0.2"))).isZero();
    }

    @Test
    void takesAHostsWholeNetworkOfIpv6ForOneAddress() throws UnknownHostException {
        for (int i = 0; i < FailureDelay.FREE; i++) {
            assertThat(delay.count(address("2001:db8::" + (i + 1)))).isZero();
        }
        assertThat(delay.count(address("2001:db8::ffff"))).isPositive();
        assertThat(delay.count(address("2001:db8:0:1::1"))).isZero();
    }

    @Test
    void forgetsAfterTheWindow() throws UnknownHostException {
        FailureDelay brief = new FailureDelay(new AuthTimings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1)));
        for (int i = 0; i < 100; i++) {
            assertThat(brief.count(address("10.0.0.1"))).isZero();
        }
    }

    @Test
    void remembersABoundedNumberOfAddresses() throws UnknownHostException {
        for (int i = 0; i < 2 * FailureDelay.MAX_ADDRESSES; i++) {
            delay.count(InetAddress.getByAddress(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i}));
        }
        assertThat(delay.addresses()).isEqualTo(FailureDelay.MAX_ADDRESSES);
    }

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }
}
