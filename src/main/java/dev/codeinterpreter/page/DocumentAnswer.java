package dev.codeinterpreter.page;

import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import org.jspecify.annotations.Nullable;

/** Sends a {@link Document}, unless the browser has it. */
public final class DocumentAnswer {
    private DocumentAnswer() {}

    /** Names stay the same from release to release, so browsers ask each time; mostly they hear 304. */
    public static Response.ResponseBuilder of(Document document, Request request, HttpHeaders headers) {
        boolean compressed = Preference.names(headers.getRequestHeader(HttpHeaders.ACCEPT_ENCODING), "gzip");
        EntityTag tag = new EntityTag(compressed ? document.digest() + "-gzip" : document.digest());
        StreamingOutput body = compressed ? document::writeCompressedTo : document::writeTo;
        Response.ResponseBuilder unchanged = evaluate(request, tag);
        Response.ResponseBuilder response =
                unchanged == null ? Response.ok(body, document.mediaType()).tag(tag) : unchanged;
        if (compressed && unchanged == null) {
            response.header(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        return response.header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                .header("X-Content-Type-Options", "nosniff");
    }

    /** A condition that cannot be read is none. */
    private static Response.@Nullable ResponseBuilder evaluate(Request request, EntityTag tag) {
        try {
            return request.evaluatePreconditions(tag);
        } catch (ProcessingException e) {
            return null;
        }
    }
}
