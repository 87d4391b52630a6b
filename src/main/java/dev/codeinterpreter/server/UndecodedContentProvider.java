package dev.codeinterpreter.server;

import io.helidon.config.Config;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.spi.ContentEncodingProvider;
import java.util.Set;

/**
 * Has the web server let compressed bodies through as they are: it would refuse them with an empty answer before anything of
 * ours sees them. So the one place that reads bodies can say what is wrong. A service, found by this class's name in the jar.
 */
public final class UndecodedContentProvider implements ContentEncodingProvider {
    private static final String KEY = "undecoded";

    @Override
    public String configKey() {
        return KEY;
    }

    @Override
    public ContentEncoding create(Config config, String name) {
        return new Undecoded(name);
    }

    private record Undecoded(String name) implements ContentEncoding {
        private static final Set<String> IDS = Set.of("gzip", "x-gzip", "deflate", "compress", "br", "zstd");

        @Override
        public String type() {
            return KEY;
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
}
