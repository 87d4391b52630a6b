package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.mcp.message.Content;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A picture that a model is shown. */
interface Picture {
    System.Logger LOG = System.getLogger(Picture.class.getName());

    String mimeType();

    /** Null when it has been deleted meanwhile, or the store fails; the caller closes it. */
    @Nullable
    InputStream open() throws IOException;

    default void close() {}

    /** One that is stored. */
    static Picture stored(FileStore store, FileId id, String mimeType) {
        return new Picture() {
            @Override
            public String mimeType() {
                return mimeType;
            }

            @Override
            public @Nullable InputStream open() {
                try {
                    Optional<StoredContent> content =
                            store.open(OwnerLimit.ofCaller().owner(), id);
                    return content.isPresent() ? content.get().stream() : null;
                } catch (ServiceException e) {
                    LOG.log(System.Logger.Level.WARNING, "a picture is left out: {0}", e.getMessage());
                    return null;
                }
            }
        };
    }

    /** One that is not; {@code content} is closed with it. */
    static Picture of(Content content, String mimeType) {
        return new Picture() {
            @Override
            public String mimeType() {
                return mimeType;
            }

            @Override
            public InputStream open() throws IOException {
                return content.open();
            }

            @Override
            public void close() {
                content.close();
            }
        };
    }
}
