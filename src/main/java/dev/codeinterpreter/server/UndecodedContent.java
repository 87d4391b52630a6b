package dev.codeinterpreter.server;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import java.util.Set;

/**
 * Lets compressed bodies through as they are. Helidon would refuse them with an empty answer before anything of ours sees
 * them; so the one place that reads bodies can say what is wrong.
 */
record UndecodedContent(String name) implements ContentEncoding {
    private static final Set<String> IDS = Set.of("gzip", "x-gzip", "deflate", "compress", "br", "zstd");

    @Override
    public String type() {
        return UndecodedContentProvider.KEY;
    }

    @Override
    public Set<String> ids() {
        return IDS;
    }

    @Override
    public boolean supportsEncoding() {
        return false;
    }

    @Override
    public boolean supportsDecoding() {
        return true;
    }

    @Override
    public ContentDecoder decoder() {
        return ContentDecoder.NO_OP;
    }

    @Override
    public ContentEncoder encoder() {
        return ContentEncoder.NO_OP;
    }
}
