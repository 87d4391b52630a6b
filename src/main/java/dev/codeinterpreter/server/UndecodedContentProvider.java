package dev.codeinterpreter.server;

import io.helidon.config.Config;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.spi.ContentEncodingProvider;

/** How the web server finds {@link UndecodedContent}: as a service, by this class's name in the jar. */
public final class UndecodedContentProvider implements ContentEncodingProvider {
    static final String KEY = "undecoded";

    @Override
    public String configKey() {
        return KEY;
    }

    @Override
    public ContentEncoding create(Config config, String name) {
        return new UndecodedContent(name);
    }
}
