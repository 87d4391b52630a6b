package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.execution.WorkspacePath;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A session's files by their paths:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions/$ID/files
 * curl -s localhost:8000/v1/sessions/$ID/files/plots/a.png -o a.png
 * curl -s localhost:8000/v1/sessions/$ID/files/data.csv --data-binary @data.csv
 * </pre>
 *
 * <p>Both ways a file passes through the store: a sandbox is hostile and may stop in the middle, and an answer that has
 * begun cannot be taken back.
 */
@Path("/v1/sessions/{session_id}/files")
@SingleInstance
public class SessionFilesResource {
    private final SessionCalls calls;
    private final FileStore store;

    @Inject
    SessionFilesResource(SessionCalls calls, FileStore store) {
        this.calls = calls;
        this.store = store;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public SessionFiles list(@PathParam("session_id") String session) {
        return calls.list(session);
    }

    @GET
    @Path("{path: .+}")
    public Response read(@PathParam("session_id") String session, @PathParam("path") String path) {
        WorkspacePath place = WorkspacePath.parse(path);
        StoredFile file;
        try (NewFile copy = store.create(place.value())) {
            calls.read(session, place, size -> copy);
            file = copy.commit();
        }
        StoredContent content = store.open(file.id()).orElseThrow();
        // What is open stays readable.
        store.delete(file.id());
        StreamingOutput body = content::writeTo;
        return Response.ok(body, MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, content.size())
                .header("X-Content-Type-Options", "nosniff")
                .build();
    }

    @POST
    @Path("{path: .+}")
    public Response write(@PathParam("session_id") String session, @PathParam("path") String path, InputStream entity) {
        WorkspacePath place = WorkspacePath.parse(path);
        StoredFile file;
        try (NewFile copy = store.create(place.value())) {
            entity.transferTo(copy);
            file = copy.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (StoredContent content = store.open(file.id()).orElseThrow()) {
            calls.write(session, place, content.size(), content.stream());
            return Response.noContent().build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            store.delete(file.id());
        }
    }
}
