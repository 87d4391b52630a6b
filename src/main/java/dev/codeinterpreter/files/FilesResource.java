package dev.codeinterpreter.files;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.usage.Usage;
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
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Upload, list, download and delete.
 *
 * <pre>
 * curl -F file=@data.csv localhost:8000/v1/files
 * curl 'localhost:8000/v1/files?limit=10'
 * curl -OJ localhost:8000/v1/files/$ID
 * curl -X DELETE localhost:8000/v1/files/$ID
 * </pre>
 */
@SingleInstance
@Path("/v1/files")
public class FilesResource {
    private final FileStore store;
    private final FilesConfig config;
    private final Usage usage;

    @Inject
    FilesResource(FileStore store, FilesConfig config, Usage usage) {
        this.store = store;
        this.usage = usage;
        this.config = config;
    }

    @POST
    @Access(value = Need.FILES, audited = "file_upload")
    public Response upload(@Context HttpHeaders headers, InputStream body) {
        if (contentLength(headers) > config.maxFileBytes() + UploadReader.FORM_OVERHEAD) {
            throw NewFile.tooLarge(config.maxFileBytes());
        }
        StoredFile file = new UploadReader(store, OwnerLimit.ofCaller(), config.maxFileBytes())
                .read(headers.getHeaderString(HttpHeaders.CONTENT_TYPE), body);
        RequestNotes.current().file(file.id().toString());
        usage.file();
        return Response.status(Response.Status.CREATED)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(UploadedFile.of(file))
                .build();
    }

    @GET
    @Access(value = Need.FILES, audited = "file_list")
    public Response list(@QueryParam("limit") @Nullable String limit, @QueryParam("after") @Nullable String after) {
        int most = PageLimit.parse(limit);
        FileListing page = new FileListing(
                store,
                OwnerLimit.ofCaller().owner(),
                most,
                Optional.ofNullable(after).map(this::existing));
        StreamingOutput body = page::writeTo;
        return Response.ok(body, MediaType.APPLICATION_JSON_TYPE).build();
    }

    @GET
    @Access(value = Need.FILES, audited = "file_download")
    @Path("{file_id}")
    public Response download(@PathParam("file_id") String fileId) {
        StoredContent content = FileId.parse(fileId)
                .flatMap(id -> store.open(OwnerLimit.ofCaller().owner(), id))
                .orElseThrow(() -> notFound(fileId));
        RequestNotes.current().file(content.file().id().toString());
        return download(content.file().name(), content.size(), content::writeTo);
    }

    /** The answer that gives a file away, with its size and the headers that make it harmless in a browser. */
    public static Response download(String name, long size, StreamingOutput body) {
        return Response.ok(body, MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, size)
                .header(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment(name))
                // Content is a stranger's: a browser must neither guess its type nor run it in our origin.
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "sandbox")
                .build();
    }

    @DELETE
    @Access(value = Need.FILES, audited = "file_delete")
    @Path("{file_id}")
    public Response delete(@PathParam("file_id") String fileId) {
        FileId id = FileId.parse(fileId)
                .filter(known -> store.delete(OwnerLimit.ofCaller().owner(), known))
                .orElseThrow(() -> notFound(fileId));
        RequestNotes.current().file(id.toString());
        return Response.noContent().build();
    }

    private StoredFile existing(String fileId) {
        return FileId.parse(fileId)
                .flatMap(id -> store.find(OwnerLimit.ofCaller().owner(), id))
                .orElseThrow(() -> notFound(fileId));
    }

    /** Not {@link HttpHeaders#getLength}, which ends at 2 GB. */
    private static long contentLength(HttpHeaders headers) {
        String length = headers.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        return length == null ? -1 : Long.parseLong(length);
    }

    private static ServiceException notFound(String fileId) {
        return new ServiceException(ErrorCode.NOT_FOUND, "File with ID '%s' not found".formatted(fileId));
    }
}
