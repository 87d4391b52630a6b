package dev.codeinterpreter.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.fileupload2.core.AbstractFileUpload;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemHeaders;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.RequestContext;
import org.jspecify.annotations.Nullable;

/** The parts of a multipart form as they arrive: the streaming half of commons-fileupload, without its disk half. */
final class MultipartForm extends AbstractFileUpload<RequestContext, DiskFileItem, DiskFileItemFactory> {
    private static final int MAX_PART_HEADER_BYTES = 16 * 1024;

    private MultipartForm() {
        setHeaderCharset(StandardCharsets.UTF_8);
        setMaxPartHeaderSize(MAX_PART_HEADER_BYTES);
    }

    static boolean isOne(@Nullable String contentType) {
        return contentType != null
                && contentType.strip().toLowerCase(Locale.ROOT).startsWith(MULTIPART_FORM_DATA);
    }

    static FileItemInputIterator parts(String contentType, InputStream in) throws IOException {
        return new MultipartForm().getItemIterator(new Body(contentType.strip(), in));
    }

    /** The file's name as the client called it, null for a field that is not a file. */
    static @Nullable String fileName(FileItemInput part) {
        String name = new MultipartForm().getFileName(part.getHeaders());
        return name == null ? null : name.replace("\\\"", "\"");
    }

    /** A part's own type is its sender's business: the parser would take a part apart that is {@code multipart/mixed}. */
    @Override
    public FileItemHeaders getParsedHeaders(String text) {
        return new UntypedHeaders(super.getParsedHeaders(text));
    }

    @Override
    public FileItemInputIterator getItemIterator(RequestContext body) throws IOException {
        return super.getItemIterator(body);
    }

    @Override
    public Map<String, List<DiskFileItem>> parseParameterMap(RequestContext body) {
        throw new UnsupportedOperationException("parts are streamed");
    }

    @Override
    public List<DiskFileItem> parseRequest(RequestContext body) {
        throw new UnsupportedOperationException("parts are streamed");
    }

    /** The headers of a part but for its Content-Type. */
    private record UntypedHeaders(FileItemHeaders all) implements FileItemHeaders {
        private static final String TYPE = "content-type";

        @Override
        public void addHeader(String name, String value) {
            all.addHeader(name, value);
        }

        @Override
        public @Nullable String getHeader(String name) {
            return name.equalsIgnoreCase(TYPE) ? null : all.getHeader(name);
        }

        @Override
        public Iterator<String> getHeaderNames() {
            List<String> names = new ArrayList<>();
            all.getHeaderNames().forEachRemaining(names::add);
            names.removeIf(TYPE::equalsIgnoreCase);
            return names.iterator();
        }

        @Override
        public Iterator<String> getHeaders(String name) {
            return name.equalsIgnoreCase(TYPE) ? Collections.emptyIterator() : all.getHeaders(name);
        }
    }

    private record Body(String contentType, InputStream stream) implements RequestContext {
        @Override
        public String getCharacterEncoding() {
            return StandardCharsets.UTF_8.name();
        }

        /** Not known here, and the parser does without. */
        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public String getContentType() {
            return contentType;
        }

        @Override
        public InputStream getInputStream() {
            return stream;
        }

        @Override
        public boolean isMultipartRelated() {
            return false;
        }
    }
}
