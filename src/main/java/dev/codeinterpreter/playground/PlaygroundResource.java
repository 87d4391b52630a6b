package dev.codeinterpreter.playground;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.page.Document;
import dev.codeinterpreter.page.DocumentAnswer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The parts of the playground, and the page itself where {@link PlaygroundFilter} has led to it. */
@Path(PlaygroundResource.PATH)
@SingleInstance
public class PlaygroundResource {
    static final String PATH = "playground";
    /** Not to be had by this name, under which the addresses in it would lead nowhere. */
    static final String PAGE = "index.html";

    /**
     * Scripts and styles come from here, results are shown from {@code data:} and {@code blob:} addresses. Styles of HTML
     * results are {@code data:} sheets of a frame that inherits this policy. Text becomes HTML nowhere but in the
     * {@code srcdoc} of such a frame: browsers that know Trusted Types refuse any other place.
     */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' data:; img-src data: blob:; media-src data: blob:; "
                    + "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                    + "require-trusted-types-for 'script'; trusted-types playground-frame";

    private static final List<String> SCRIPTS = List.of(
            "api.js",
            "codemirror.js",
            "dom.js",
            "editor.js",
            "events.js",
            "examples.js",
            "failure.js",
            "frame.js",
            "inputs.js",
            "json-tree.js",
            "key.js",
            "main.js",
            "output.js",
            "preview.js",
            "results.js",
            "returned.js",
            "run.js",
            "session.js",
            "theme.js");

    private final Document page = Document.read(PlaygroundResource.class, PAGE, "text/html; charset=utf-8");
    private final Map<String, Document> parts = new HashMap<>();

    PlaygroundResource() {
        for (String script : SCRIPTS) {
            parts.put(script, Document.read(PlaygroundResource.class, script, "text/javascript; charset=utf-8"));
        }
        parts.put("style.css", Document.read(PlaygroundResource.class, "style.css", "text/css; charset=utf-8"));
    }

    @GET
    @Access(Need.OPEN)
    @Path("{name}")
    public Response part(
            @PathParam("name") String name,
            @Context Request request,
            @Context HttpHeaders headers,
            @Context ContainerRequestContext context) {
        if (name.equals(PAGE) && context.getProperty(PAGE) != null) {
            return DocumentAnswer.of(page, request, headers)
                    .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                    .header("Cross-Origin-Opener-Policy", "same-origin")
                    .header("Referrer-Policy", "no-referrer")
                    .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                    .build();
        }
        Document part = parts.get(name);
        if (part == null) {
            throw new NotFoundException();
        }
        return DocumentAnswer.of(part, request, headers).build();
    }
}
