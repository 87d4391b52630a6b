package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the reference takes for JSON. */
final class ContentTypes {
    /** Headers that browsers send and that no page can leave out. */
    private static final List<String> BROWSER_HEADERS = List.of(
            "Origin",
            "Sec-Fetch-Site",
            "Sec-Fetch-Mode",
            "Sec-Fetch-Dest",
            "Sec-Fetch-User",
            "Sec-Fetch-Storage-Access");

    private ContentTypes() {}

    /**
     * Refuses a body without a type that a browser sent. Any page can have one sent without being asked about first, so to
     * take it for JSON would be to take orders from any page.
     *
     * @throws ServiceException UNSUPPORTED_MEDIA_TYPE
     */
    static void requireOneOfBrowsers(RequestBodies.Headers headers) {
        String type = headers.value("Content-Type");
        if ((type == null || type.isBlank())
                && hasBody(headers)
                && BROWSER_HEADERS.stream().anyMatch(name -> headers.value(name) != null)) {
            throw new ServiceException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type is missing: a browser has to send application/json");
        }
    }

    /** {@code application/json} and {@code application/*+json} with any parameters; also when there is no type at all. */
    static boolean isJson(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return true;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String[] parts = type.split("/", -1);
        return parts.length == 2
                && parts[0].equals("application")
                && (parts[1].equals("json") || parts[1].endsWith("+json"));
    }

    private static boolean hasBody(RequestBodies.Headers headers) {
        String length = headers.value("Content-Length");
        return headers.value("Transfer-Encoding") != null
                || (length != null && !length.strip().equals("0"));
    }
}
