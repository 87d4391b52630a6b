package dev.codeinterpreter.server;

import jakarta.annotation.Priority;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives a resource the bytes of its request. Jersey would look for a reader of the request's type first and keeps what it
 * finds for ever, one entry for each type that any client has ever named.
 */
@Priority(0)
public class RawBodyInterceptor implements ReaderInterceptor {
    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        if (context.getType() != InputStream.class) {
            throw new IllegalStateException("a resource reads its body as bytes, not as " + context.getType());
        }
        return context.getInputStream();
    }
}
