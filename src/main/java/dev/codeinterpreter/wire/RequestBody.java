package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaError;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON body that has been read to its end. Strings over 64 KiB are in a file that has no name and ends with
 * {@link #close()}; everything else is in the heap, a few MB at most whatever the client sends.
 */
public final class RequestBody implements AutoCloseable {
    private static final int LONG_STRING = 64 * 1024;
    private static final int MAX_RAW_ECHO_LENGTH = 8 * 1024;
    private static final List<Object> BODY = List.of("body");

    private final Node.Obj root;
    private final Spool spool;

    /** What may end as the reading of a body does. */
    private interface Reading<T> {
        T read() throws IOException;
    }

    private RequestBody(Node.Obj root, Spool spool) {
        this.root = root;
        this.spool = spool;
    }

    /**
     * Reads {@code in} to its end, or as far as it is acceptable. The stream stays open.
     *
     * @param spool where long strings go
     * @throws SchemaException when the body is not a JSON object
     * @throws ServiceException when it is too large, compressed, not UTF-8 or nested too deep
     * @throws ClientGoneException when the connection ended before the body did
     */
    public static RequestBody read(
            RequestBodies.Headers headers, InputStream in, BodyLimits limits, SpoolDirectory spool) {
        checkHeaders(headers, limits);
        return parse(headers, bounded(in, limits), limits, spool);
    }

    /** The same of a body whose headers and length are known to be right, such as one that has arrived already. */
    static RequestBody parse(
            RequestBodies.Headers headers, InputStream in, BodyLimits limits, SpoolDirectory directory) {
        Spool spool = directory.texts();
        return reading(spool, () -> read(headers.value("Content-Type"), in, limits, spool));
    }

    /** Closes {@code spool} when it fails. */
    private static <T> T reading(Spool spool, Reading<T> reading) {
        try {
            return reading.read();
        } catch (CharacterCodingException e) {
            spool.close();
            throw unreadable(e);
        } catch (MalformedJsonException e) {
            spool.close();
            throw malformed(e);
        } catch (IOException e) {
            spool.close();
            throw Spool.unreadable(e);
        } catch (RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    /** What {@code reader} wants of a body that may be any JSON value; its texts live on, the tree does not. */
    static <T> ParsedBody<T> tree(
            InputStream in, BodyLimits limits, SpoolDirectory directory, Function<Node, T> reader) {
        Spool spool = directory.texts();
        return reading(spool, () -> {
            T content = reader.apply(root(in, limits, spool));
            return new ParsedBody<>(content, spool);
        });
    }

    /** Refuses what need not be read for it. */
    static void checkHeaders(RequestBodies.Headers headers, BodyLimits limits) {
        checkEncoding(headers.value("Content-Encoding"));
        ContentTypes.requireOneOfBrowsers(headers);
        checkLength(headers.value("Content-Length"), limits);
    }

    /** The body as it arrives, up to its limit. */
    static InputStream bounded(InputStream in, BodyLimits limits) {
        return new BoundedBody(in, limits.bodyBytes(), () -> tooLarge(limits));
    }

    /** What {@code reader} wants of the body; its texts live on, the tree does not. */
    <T> ParsedBody<T> receive(Function<Fields, T> reader) {
        return new ParsedBody<>(reader.apply(fields()), spool);
    }

    /** The members of the body, and the errors found in them so far: none yet. */
    public Fields fields() {
        return new Fields(root, BODY);
    }

    @Override
    public void close() {
        spool.close();
    }

    static ServiceException unreadable(@Nullable Throwable cause) {
        return new ServiceException(ErrorCode.MALFORMED_BODY, "There was an error parsing the body", cause);
    }

    private static RequestBody read(@Nullable String contentType, InputStream in, BodyLimits limits, Spool spool)
            throws IOException {
        if (!ContentTypes.isJson(contentType)) {
            String raw = new String(nonEmpty(in).readNBytes(MAX_RAW_ECHO_LENGTH), StandardCharsets.UTF_8);
            throw new SchemaException(Fields.notAnObject(BODY, InputSnippet.of(raw)));
        }
        Node root = root(in, limits, spool);
        return switch (root) {
            case Node.Obj members -> new RequestBody(members, spool);
            case Node.Constant.NULL -> throw new SchemaException(SchemaError.missing(BODY, JsonValue.NULL));
            default -> throw new SchemaException(Fields.notAnObject(BODY, InputSnippet.of(root)));
        };
    }

    private static InputStream nonEmpty(InputStream in) throws IOException {
        PushbackInputStream body = new PushbackInputStream(in);
        int first = body.read();
        if (first < 0) {
            throw new SchemaException(SchemaError.missing(BODY, JsonValue.NULL));
        }
        body.unread(first);
        return body;
    }

    private static Node root(InputStream in, BodyLimits limits, Spool spool) throws IOException {
        // A decoder of its own refuses what is not UTF-8; the one that the charset would make replaces it.
        LongStringReader text = new LongStringReader(
                new InputStreamReader(nonEmpty(in), StandardCharsets.UTF_8.newDecoder()),
                spool,
                LONG_STRING,
                limits.treeCharacters());
        Node root = JsonTree.parse(text, limits.treeValues());
        spool.flush();
        return root;
    }

    private static ServiceException tooLarge(BodyLimits limits) {
        return new ServiceException(
                ErrorCode.TOO_LARGE, "Request body exceeds maximum of %d MB".formatted(limits.bodyBytes() >> 20));
    }

    private static void checkEncoding(@Nullable String encoding) {
        if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new ServiceException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported, send the body as it is");
        }
    }

    private static void checkLength(@Nullable String length, BodyLimits limits) {
        if (length == null) {
            return;
        }
        try {
            if (Long.parseLong(length.strip()) > limits.bodyBytes()) {
                throw tooLarge(limits);
            }
        } catch (NumberFormatException e) {
            // The web server judges headers; what arrives is counted in any case.
            return;
        }
    }

    private static SchemaException malformed(MalformedJsonException fault) {
        return new SchemaException(SchemaError.of(
                        "json_invalid",
                        List.of("body", fault.position()),
                        "JSON decode error",
                        JsonValue.EMPTY_JSON_OBJECT)
                .withContext(
                        Json.createObjectBuilder().add("error", fault.reason()).build()));
    }
}
