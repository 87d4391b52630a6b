package dev.codeinterpreter.inventory;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;

/**
 * What a program finds in its sandbox:
 *
 * <pre>
 * curl -s localhost:8000/v1/sandbox
 * </pre>
 */
@Path("v1/sandbox")
@SingleInstance
public class InventoryResource {
    /** Bytes: the web server keeps two copies of each piece for as long as its client does not read. */
    private static final int PIECE = 16 * 1024;

    private final Inventory inventory;

    @Inject
    InventoryResource(Inventory inventory) {
        this.inventory = inventory;
    }

    @GET
    @Access(Need.CREDENTIAL)
    public Response describe() {
        byte[] description = inventory.current();
        StreamingOutput body = target -> {
            for (int done = 0; done < description.length; done += PIECE) {
                target.write(description, done, Math.min(PIECE, description.length - done));
            }
        };
        return Response.ok(body, MediaType.APPLICATION_JSON_TYPE).build();
    }
}
