package dev.codeinterpreter.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.runner.ProgramExit;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HourObjectTest {
    static final ProgramExit EXIT = new ProgramExit(
            OptionalInt.of(0),
            ProgramExit.Termination.EXITED,
            Duration.ofMillis(20),
            Duration.ofMillis(10),
            1000,
            false,
            false,
            false);

    @Test
    void keepsEveryNumberOfEveryTenant() {
        Totals acme = new Totals();
        acme.run(EXIT);
        acme.run(EXIT);
        acme.in(1);
        acme.out(2);
        acme.file();
        acme.session();
        Totals strange = new Totals();
        strange.in(99_999_999_999_999L);
        Map<String, Totals> byTenant = Map.of("acme", acme, "租户 \"\\\u0001", strange);

        Map<String, Totals> read = HourObject.read(HourObject.write(byTenant)).orElseThrow();

        assertThat(read.keySet()).isEqualTo(byTenant.keySet());
        read.forEach((tenant, totals) -> assertThat(totals.response(tenant, 0, 0, "process"))
                .isEqualTo(byTenant.getOrDefault(tenant, new Totals()).response(tenant, 0, 0, "process")));
    }

    @Test
    void hasAnEndHoweverManyTenantsThereAre() {
        Map<String, Totals> byTenant = new HashMap<>();
        for (int i = 0; i < 15_000; i++) {
            byTenant.put(i + "\u0001".repeat(100), new Totals());
        }
        byte[] content = HourObject.write(byTenant);
        assertThat(content).hasSizeBetween(UsageStore.MAX_BYTES - 2000, UsageStore.MAX_BYTES);
        assertThat(HourObject.read(content).orElseThrow().size()).isBetween(1000, 14_999);
    }

    /** A later version may count more, an earlier one less. */
    @Test
    void passesOverWhatItDoesNotKnow() {
        String later = """
                {"replica":{"a":[1]},"format":1,"list":[{}],"tenants":[
                {"tenant":"a","runs":{"exited":2,"vanished":3},"cpu_ms":5,"tokens":7}],"last":true}
                """;
        Totals read = HourObject.read(later.getBytes(UTF_8)).orElseThrow().getOrDefault("a", new Totals());
        UsageResponse response = read.response("a", 0, 0, "process");
        assertThat(response.runs()).containsEntry("exited", 2L).hasSize(5);
        assertThat(response.cpuMillis()).isEqualTo(5);
        assertThat(response.files()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{}",
                "{\"tenants\":[]}",
                "{\"format\":2,\"tenants\":[]}",
                "{\"format\":\"1\",\"tenants\":[]}",
                "{\"format\":1,\"tenants\":{}}",
                "{\"format\":1,\"tenants\":[1]}",
                "{\"format\":1,\"tenants\":[{}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":1}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\"}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"cpu_ms\":-1}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"cpu_ms\":1.5}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"cpu_ms\":100000000000001}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"cpu_ms\":1e999999999}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"cpu_ms\":\"1\"}]}",
                "{\"format\":1,\"tenants\":[{\"tenant\":\"a\",\"runs\":[]}]}",
                "{\"format\":1,\"tenants\":[]} x",
                "\u0000\u0000\u0000"
            })
    void isBroken(String text) {
        assertThat(HourObject.read(text.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void isBrokenWithTooMuch() {
        assertThat(HourObject.read("[".repeat(UsageStore.MAX_BYTES).getBytes(UTF_8)))
                .isEmpty();
        String nested = "{\"format\":1,\"tenants\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + "}";
        assertThat(HourObject.read(nested.getBytes(UTF_8))).isEmpty();
        StringBuilder rows = new StringBuilder("{\"format\":1,\"tenants\":[");
        for (int i = 0; i < 100_000; i++) {
            rows.append("{\"tenant\":\"").append(i).append("\"},");
        }
        assertThat(HourObject.read(rows.append("]}").toString().getBytes(UTF_8)))
                .isEmpty();
    }
}
