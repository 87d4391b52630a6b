package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a refused client reads its answer although it is still sending. A connection that is closed under a
 * client's writing is reset, and the answer is lost with it; so the rest of the body is read, but not without end.
 *
 * <p>With a Content-Length the web server does that itself after the answer. Of a chunked body, which may never end, so
 * much is read before the answer; what is longer loses its connection.
 */
@Provider
@SingleInstance
public class UnreadBodyFilter implements ContainerResponseFilter {
    private static final long MAX_BYTES = 1L << 30;

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getStatus() < 400) {
            return;
        }
        if (!ends(request)) {
            response.getHeaders().putSingle("Connection", "close");
        }
    }

    private static boolean ends(ContainerRequestContext request) {
        String length = request.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            return isShort(length);
        }
        return request.getHeaderString("Transfer-Encoding") == null || drain(request.getEntityStream());
    }

    private static boolean isShort(String length) {
        try {
            return Long.parseLong(length) <= MAX_BYTES;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean drain(@Nullable InputStream body) {
        if (body == null) {
            return true;
        }
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        try {
            while (count < MAX_BYTES) {
                int bytes = body.read(buffer);
                if (bytes < 0) {
                    return true;
                }
                count += bytes;
            }
            return false;
        } catch (IOException | RuntimeException e) {
            // The client is gone, or the body is broken: either way there is no more to read.
            return false;
        }
    }
}
