package dev.codeinterpreter.session;

import dev.codeinterpreter.answer.BufferedAnswer;
import dev.codeinterpreter.answer.ResultJson;
import dev.codeinterpreter.answer.StreamedAnswer;
import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.wire.Bounds;
import dev.codeinterpreter.wire.Fields;
import dev.codeinterpreter.wire.ParsedBody;
import dev.codeinterpreter.wire.RequestBodies;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Runs something in a session, and answers when it has ended or while it runs:
 *
 * <pre>
 * curl -s localhost:8000/v1/sessions/$ID/bash -H 'Content-Type: application/json' -d '{"cmd": "ls -l"}'
 * curl -s localhost:8000/v1/sessions/$ID/python -H 'Content-Type: application/json' -d '{"code": "x = 1"}'
 * curl -sN localhost:8000/v1/sessions/$ID/python/stream -H 'Content-Type: application/json' -d '{"code": "x"}'
 * </pre>
 */
@Path("/v1/sessions")
@SingleInstance
public class SessionCommandsResource {
    private static final int DEFAULT_TIMEOUT_MS = 30_000;

    private final SessionService sessions;
    private final RequestBodies bodies;
    private final SpoolDirectory spool;

    @Inject
    SessionCommandsResource(SessionService sessions, RequestBodies bodies, SpoolDirectory spool) {
        this.sessions = sessions;
        this.bodies = bodies;
        this.spool = spool;
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_bash")
    @Path("{session_id}/bash")
    public Response bash(@PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        return answer(headers, entity, bash(session), SessionCommandsResource::ofBash);
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_bash_stream")
    @Path("{session_id}/bash/stream")
    public Response bashStream(
            @PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        return stream(headers, entity, bash(session), SessionCommandsResource::ofBash);
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_python")
    @Path("{session_id}/python")
    public Response python(@PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        return answer(headers, entity, python(session), SessionCommandsResource::ofPython);
    }

    @POST
    @Access(value = Need.SESSIONS, audited = "session_python_stream")
    @Path("{session_id}/python/stream")
    public Response pythonStream(
            @PathParam("session_id") String session, @Context HttpHeaders headers, InputStream entity) {
        return stream(headers, entity, python(session), SessionCommandsResource::ofPython);
    }

    /**
     * What a body asks for.
     *
     * @param results whether what a program shows comes back
     */
    private record Action(boolean results, BiFunction<OutputSink, Cancellation, RunResult> run) {}

    private Function<Fields, Action> bash(String session) {
        return fields -> {
            Text text = fields.requiredText("cmd");
            int timeout = fields.integer("timeout_ms", DEFAULT_TIMEOUT_MS, Bounds.atLeast(1));
            fields.verify();
            String line = ShellLine.read("cmd", text);
            return new Action(
                    false,
                    (output, cancellation) -> sessions.bash(
                            Operation.SESSION_BASH, session, line, Duration.ofMillis(timeout), output, cancellation));
        };
    }

    private Function<Fields, Action> python(String session) {
        return fields -> {
            var code = fields.requiredText("code");
            var stdin = fields.optionalText("stdin");
            int timeout = fields.integer("timeout_ms", DEFAULT_TIMEOUT_MS, Bounds.atLeast(1));
            boolean lastLineInteractive = fields.laxBoolean("last_line_interactive", true);
            boolean results =
                    fields.laxBoolean("results", true) && sessions.config().results();
            fields.verify();
            RunRequest request =
                    new RunRequest(code, stdin, Duration.ofMillis(timeout), lastLineInteractive, results, List.of());
            return new Action(
                    results,
                    (output, cancellation) ->
                            sessions.python(Operation.SESSION_PYTHON, session, request, output, cancellation));
        };
    }

    private Response answer(
            HttpHeaders headers,
            InputStream entity,
            Function<Fields, Action> reader,
            Function<ResultJson, ResultJson> parts) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch _ = ClientWatch.begin(cancellation::cancel);
                ParsedBody<Action> action = bodies.read(headers::getHeaderString, entity, reader, cancellation)) {
            BufferedAnswer answer = BufferedAnswer.of(
                    sessions.config().outputBytes(),
                    spool::overflow,
                    action.content().results(),
                    output -> action.content().run().apply(output, cancellation),
                    parts);
            StreamingOutput body = answer::writeTo;
            return Response.ok(body, MediaType.APPLICATION_JSON_TYPE).build();
        }
    }

    private Response stream(
            HttpHeaders headers,
            InputStream entity,
            Function<Fields, Action> reader,
            Function<ResultJson, ResultJson> parts) {
        return StreamedAnswer.answer(
                spool,
                sessions.config().streamKeepAlive(),
                cancellation -> bodies.read(headers::getHeaderString, entity, reader, cancellation),
                Action::results,
                (action, output, cancellation) -> parts.apply(
                                new ResultJson(action.run().apply(output, cancellation)))
                        .build());
    }

    private static ResultJson ofBash(ResultJson json) {
        return json.outcome().details();
    }

    private static ResultJson ofPython(ResultJson json) {
        return json.outcome().files().details().stateLost();
    }
}
