package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import dev.codeinterpreter.wire.BodyLimits;
import dev.codeinterpreter.wire.Node;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a body that is an array asks for. Here the step of a message is a cancel that names its method. */
class BatchTest {
    private static final String PING = "{'jsonrpc':'2.0','id':1,'method':'ping'}";
    private static final String NOTE = "{'jsonrpc':'2.0','method':'note'}";
    private static final String RESPONSE = "{'jsonrpc':'2.0','id':9,'result':{}}";

    @TempDir
    private Path directory;

    private final StorageBudget budget = new StorageBudget(64 << 20, 256 << 20, 800);

    @Test
    void hasAStepForEachMessageInItsOrder() {
        MessageReader.Inbound batch = read(null, "[%s,%s,%s,%s]".formatted(NOTE, PING, RESPONSE, NOTE));
        assertThat(batch.single()).isFalse();
        assertThat(batch.steps())
                .containsExactly(
                        new Step.Cancel("note"), new Step.Cancel("ping"), new Step.Cancel(""), new Step.Cancel("note"));
    }

    /** Each is answered by itself, and what stands beside it is read. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "-",
            value = {
                // member, with ' for " | the id of its error
                "7 | -",
                "null | -",
                "'' | -",
                "[] | -",
                "[[[]]] | -",
                "{} | -",
                "{'jsonrpc':'2.0','id':{},'method':'ping'} | -",
                "{'jsonrpc':'2.0','id':1e3,'method':'ping'} | -",
                "{'jsonrpc':'2.0','id':5,'method':7} | 5",
                "{'jsonrpc':'1.0','id':'x','method':'ping'} | 'x'",
                "{'jsonrpc':'2.0','id':5,'method':'ping','params':'LONG'} | 5",
                "{'jsonrpc':'2.0','id':'LONG','method':'ping'} | -",
                "{'jsonrpc':'2.0','id':5,'method':'LONG'} | 5",
                "{'jsonrpc':'2.0','id':5,'method':'ping','method':7} | 5"
            })
    void answersAHostileMemberAndReadsTheOthers(String member, @Nullable String id) {
        String hostile = member.replace("LONG", "x".repeat(100_000));
        MessageReader.Inbound batch = read(null, "[%s,%s,%s]".formatted(PING, hostile, NOTE));
        assertThat(batch.single()).isFalse();
        assertThat(batch.steps()).hasSize(3).startsWith(new Step.Cancel("ping")).endsWith(new Step.Cancel("note"));
        assertThat(json(batch.steps().get(1)))
                .contains("\"code\":-32600")
                .hasSizeLessThan(200)
                .startsWith(
                        "{\"jsonrpc\":\"2.0\"," + (id == null ? "\"error\"" : "\"id\":" + id.replace('\'', '"') + ","));
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "20, true", "21, false", "5000, false"})
    void hasOneToTwentyMessages(int count, boolean accepted) {
        String messages = IntStream.range(0, count).mapToObj(i -> NOTE).collect(Collectors.joining(","));
        MessageReader.Inbound batch = read(null, "[" + messages + "]");
        if (accepted) {
            assertThat(batch.single()).isFalse();
            assertThat(batch.steps()).hasSize(count);
        } else {
            assertRefused(batch, "1 to 20 messages");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-06-18", "2025-11-25", "2026-07-28", "2031-01-01", "x", ""})
    void isRefusedWholeInARevisionWithoutBatches(String version) {
        assertRefused(read(version, "[%s,%s]".formatted(PING, NOTE)), "2025-03-26 only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-03-26", " 2025-03-26 "})
    void isReadInTheRevisionThatHasThem(String version) {
        assertThat(read(version, "[%s]".formatted(PING)).steps()).containsExactly(new Step.Cancel("ping"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'jsonrpc':'2.0','id':1,'method':'initialize'}",
                "{'jsonrpc':'2.0','method':'initialize'}",
                "{'jsonrpc':'2.0','id':1,'method':'x','params':{'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28'}}}",
                "{'jsonrpc':'2.0','id':1,'method':'x','params':{'_meta':{'io.modelcontextprotocol/protocolVersion':7}}}"
            })
    void isRefusedWholeWithAMessageThatStandsAlone(String member) {
        assertRefused(read(null, "[%s,%s]".formatted(PING, member)), "stand alone");
    }

    private static void assertRefused(MessageReader.Inbound batch, String why) {
        assertThat(batch.single()).isTrue();
        assertThat(batch.steps())
                .singleElement()
                .satisfies(
                        step -> assertThat(json(step)).contains("-32600", why).doesNotContain("\"id\""));
    }

    private static String json(Step step) {
        assertThat(step)
                .isInstanceOfSatisfying(
                        Step.Reply.class, reply -> assertThat(reply.status()).isEqualTo(400));
        try (InputStream in = ((Step.Reply) step).message().open()) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With ' for ". */
    private MessageReader.Inbound read(@Nullable String version, String body) {
        RequestBodies bodies = new RequestBodies(
                BodyLimits.from(new Settings(name -> Optional.empty())), new SpoolDirectory(directory, budget));
        try (ParsedBody<MessageReader.Inbound> parsed = bodies.tree(
                name -> name.equals("Content-Type") ? "application/json" : null,
                new ByteArrayInputStream(body.replace('\'', '"').getBytes(UTF_8)),
                root -> Batch.read((Node.Arr) root, version, message -> new Step.Cancel(message.method())),
                new Cancellation())) {
            return parsed.content();
        }
    }
}
