package dev.codeinterpreter.session;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FilesResource;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.PageLimit;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.wire.BoundedBody;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A session's files by their paths:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions/$ID/files
 * curl -s localhost:8000/v1/sessions/$ID/files/plots/a.png -o a.png
 * curl -s localhost:8000/v1/sessions/$ID/files/data.csv --data-binary @data.csv
 * curl -X DELETE localhost:8000/v1/sessions/$ID/files/data.csv
 * </pre>
 */
@Path("/v1/sessions")
@SingleInstance
public class SessionFilesResource {
    /** A path of the workspace has no more; see {@link WorkspacePath}. */
    private static final int MAX_AFTER_BYTES = 4096;

    private static final long UNKNOWN = -1;

    private final SessionCalls calls;
    private final SessionTransfers transfers;
    private final SpoolDirectory spool;

    @Inject
    SessionFilesResource(SessionCalls calls, SessionTransfers transfers, SpoolDirectory spool) {
        this.calls = calls;
        this.transfers = transfers;
        this.spool = spool;
    }

    @GET
    @Access(value = Need.SESSIONS, audited = "session_file_list")
    @Path("{session_id}/files")
    public Response list(
            @PathParam("session_id") String session,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after) {
        String last = after == null ? "" : after;
        if (last.getBytes(StandardCharsets.UTF_8).length > MAX_AFTER_BYTES) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "after exceeds maximum of %d bytes".formatted(MAX_AFTER_BYTES));
        }
        SessionFiles files = calls.list(session, PageLimit.parse(limit), last, spool::overflow);
        StreamingOutput body = files::writeTo;
        return Response.ok(body, MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, files.length())
                .build();
    }

    @GET
    @Access(value = Need.SESSIONS, audited = "session_file_read")
    @Path("{session_id}/files/{path: .+}")
    public Response read(@PathParam("session_id") String session, @PathParam("path") String path) {
        WorkspacePath place = WorkspacePath.parse(path);
        SessionFile file = transfers.open(session, place);
        return FilesResource.download(nameOf(place), file.size(), file::writeTo);
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_file_write")
    @Path("{session_id}/files/{path: .+}")
    public Response write(
            @PathParam("session_id") String session,
            @PathParam("path") String path,
            @Context HttpHeaders headers,
            InputStream entity) {
        WorkspacePath place = WorkspacePath.parse(path);
        long size = contentLength(headers);
        InputStream body = new BoundedBody(entity, transfers.maxFileBytes(), this::tooLarge);
        if (size == UNKNOWN) {
            writeSpooled(session, place, body);
        } else {
            if (size > transfers.maxFileBytes()) {
                calls.expiry(session);
                throw tooLarge();
            }
            transfers.write(session, place, size, body);
        }
        return Response.noContent().build();
    }

    @DELETE
    @Access(value = Need.SESSIONS, audited = "session_file_delete")
    @Path("{session_id}/files/{path: .+}")
    public Response delete(@PathParam("session_id") String session, @PathParam("path") String path) {
        calls.delete(session, WorkspacePath.parse(path));
        return Response.noContent().build();
    }

    /** The runner needs the size first: a body that does not say it waits on our disk until it is whole. */
    private void writeSpooled(String session, WorkspacePath path, InputStream body) {
        // Nothing is read for a session that is none.
        calls.expiry(session);
        try (SpillBuffer spooled = spool.overflow()) {
            spooled.receive(body);
            transfers.write(session, path, spooled.length(), spooled.open());
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.INTERNAL, "a spooled request cannot be read", e);
        }
    }

    private ServiceException tooLarge() {
        return NewFile.tooLarge(transfers.maxFileBytes());
    }

    private static String nameOf(WorkspacePath path) {
        return path.value().substring(path.value().lastIndexOf('/') + 1);
    }

    /** Also of a body that is not there; {@link #UNKNOWN} of one that comes in chunks. */
    private static long contentLength(HttpHeaders headers) {
        String length = headers.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return headers.getHeaderString("Transfer-Encoding") == null ? 0 : UNKNOWN;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            // More digits than that has.
            return Long.MAX_VALUE;
        }
    }
}
