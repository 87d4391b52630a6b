package dev.codeinterpreter.docs;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.page.Document;
import dev.codeinterpreter.page.DocumentAnswer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/**
 * {@code GET /openapi.json} describes the service, {@code GET /docs} shows that in a browser, and so does {@code /redoc},
 * where FastAPI has another view of the same. A resource rather than the
 * web server's static content: that would answer {@code /docs} with a redirect where FastAPI gives the page, send the
 * whole of the jar's folder, and set neither of the headers that keep a page harmless.
 */
@Path("/")
@SingleInstance
public class DocsResource {
    private static final String SWAGGER_UI = "/META-INF/resources/openapi-ui/";

    /** Swagger UI sets style attributes and shows pictures out of answers; all else comes from here or not at all. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Document openApi = Document.read(DocsResource.class, "openapi.json", "application/json");
    private final Document page = Document.read(DocsResource.class, "index.html", "text/html; charset=utf-8");

    /** Only what the page names can be had, under exactly these names. */
    private final Map<String, Document> assets = Map.of(
            "start.js", Document.read(DocsResource.class, "start.js", "text/javascript; charset=utf-8"),
            "swagger-ui.css",
                    Document.read(DocsResource.class, SWAGGER_UI + "swagger-ui.css", "text/css; charset=utf-8"),
            "swagger-ui-bundle.js",
                    Document.read(
                            DocsResource.class, SWAGGER_UI + "swagger-ui-bundle.js", "text/javascript; charset=utf-8"));

    @GET
    @Access(Need.OPEN)
    @Path("openapi.json")
    public Response openApi(@Context Request request, @Context HttpHeaders headers) {
        return DocumentAnswer.of(openApi, request, headers).build();
    }

    @GET
    @Access(Need.OPEN)
    @Path("docs")
    public Response page(@Context Request request, @Context HttpHeaders headers) {
        return DocumentAnswer.of(page, request, headers)
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .build();
    }

    @GET
    @Access(Need.CREDENTIAL)
    @Path("redoc")
    public Response otherPage(@Context Request request, @Context HttpHeaders headers) {
        return page(request, headers);
    }

    @GET
    @Access(Need.OPEN)
    @Path("docs/{name}")
    public Response asset(@PathParam("name") String name, @Context Request request, @Context HttpHeaders headers) {
        Document asset = assets.get(name);
        if (asset == null) {
            throw new NotFoundException();
        }
        return DocumentAnswer.of(asset, request, headers).build();
    }
}
