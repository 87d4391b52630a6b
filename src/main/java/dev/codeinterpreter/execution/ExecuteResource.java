package dev.codeinterpreter.execution;

import dev.codeinterpreter.answer.BufferedAnswer;
import dev.codeinterpreter.answer.ResultJson;
import dev.codeinterpreter.answer.StreamedAnswer;
import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.time.Duration;

/**
 * Runs a program, and answers when it has ended or while it runs:
 *
 * <pre>
 * curl -s localhost:8000/v1/execute -H 'Content-Type: application/json' -d '{"code": "print(6 * 7)"}'
 * curl -sN localhost:8000/v1/execute/stream -H 'Content-Type: application/json' -d '{"code": "print(6 * 7)"}'
 * </pre>
 */
@Path(ExecuteResource.PATH)
@SingleInstance
public class ExecuteResource {
    static final String PATH = "v1/execute";

    private static final int DEFAULT_TIMEOUT_MS = 2000;

    private final ExecutionService executions;
    private final RequestBodies bodies;
    private final SpoolDirectory spool;

    @Inject
    ExecuteResource(ExecutionService executions, RequestBodies bodies, SpoolDirectory spool) {
        this.executions = executions;
        this.bodies = bodies;
        this.spool = spool;
    }

    @POST
    @Access(value = Need.EXECUTE, audited = "execute")
    public Response execute(@Context HttpHeaders headers, InputStream entity) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch _ = ClientWatch.begin(cancellation::cancel);
                ParsedBody<RunRequest> request = read(headers, entity, cancellation)) {
            BufferedAnswer answer = BufferedAnswer.of(
                    executions.config().outputBytes(),
                    spool::overflow,
                    request.content().results(),
                    output -> executions.execute(Operation.EXECUTE, request.content(), output, cancellation),
                    json -> json.outcome().files().details());
            StreamingOutput body = answer::writeTo;
            return Response.ok(body, MediaType.APPLICATION_JSON_TYPE).build();
        }
    }

    @POST
    @Access(value = Need.EXECUTE, audited = "execute_stream")
    @Path("stream")
    public Response stream(@Context HttpHeaders headers, InputStream entity) {
        return StreamedAnswer.answer(
                spool,
                executions.config().streamKeepAlive(),
                cancellation -> read(headers, entity, cancellation),
                RunRequest::results,
                (request, output, cancellation) -> new ResultJson(
                                executions.execute(Operation.EXECUTE_STREAM, request, output, cancellation))
                        .outcome()
                        .files()
                        .details()
                        .build());
    }

    private ParsedBody<RunRequest> read(HttpHeaders headers, InputStream entity, Cancellation cancellation) {
        return bodies.read(headers::getHeaderString, entity, this::request, cancellation);
    }

    private RunRequest request(Fields fields) {
        var code = fields.requiredText("code");
        var stdin = fields.optionalText("stdin");
        int timeout = fields.integer("timeout_ms", DEFAULT_TIMEOUT_MS, Bounds.atLeast(1));
        boolean lastLineInteractive = fields.laxBoolean("last_line_interactive", true);
        boolean results =
                fields.laxBoolean("results", true) && executions.config().results();
        var files = RunRequest.FileReference.listIn(fields);
        fields.verify();
        return new RunRequest(code, stdin, Duration.ofMillis(timeout), lastLineInteractive, results, files);
    }
}
