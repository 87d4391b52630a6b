package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorBody;
import dev.codeinterpreter.error.ErrorCode;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.WriterInterceptor;
import jakarta.ws.rs.ext.WriterInterceptorContext;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Sees to it that an answer which fails while it is written does not pass for a whole one. Jersey sends what it has when a
 * body cannot be written, and the end of the body with it: status 200 and nothing, or half of a JSON text.
 *
 * <p>The beginning is held back; an answer that fails within it becomes a 500. Later nothing can be taken back, and the
 * connection is cut instead: an interrupted thread cannot write to a channel any more, the JDK closes it.
 */
@Provider
@SingleInstance
public class BrokenAnswerFilter implements ContainerResponseFilter, WriterInterceptor {
    private static final System.Logger LOG = System.getLogger(BrokenAnswerFilter.class.getName());
    private static final String RESPONSE = BrokenAnswerFilter.class.getName();
    /** Made at the start: when the heap is full, there is no room for it. */
    private static final byte[] INTERNAL = ErrorBody.of(ErrorCode.INTERNAL, "Internal Server Error");

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        request.setProperty(RESPONSE, response);
    }

    @Override
    public void aroundWriteTo(WriterInterceptorContext context) throws IOException {
        OutputStream target = context.getOutputStream();
        DeferredCommitStream body = new DeferredCommitStream(target);
        context.setOutputStream(body);
        try {
            context.proceed();
            body.release();
        } catch (IOException | RuntimeException | Error e) {
            if (body.isConnectionLost()) {
                throw e;
            }
            if (body.isReleased() || !(context.getProperty(RESPONSE) instanceof ContainerResponseContext response)) {
                Thread.currentThread().interrupt();
                throw e;
            }
            LOG.log(System.Logger.Level.ERROR, "an answer could not be written", e);
            response.getHeaders().clear();
            response.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_TYPE);
            response.setStatus(ErrorCode.INTERNAL.status());
            target.write(INTERNAL);
        }
    }
}
