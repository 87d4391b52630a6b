package dev.codeinterpreter.usage;

import dev.codeinterpreter.auth.Access;
import dev.codeinterpreter.auth.Need;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the caller's tenant has used:
 *
 * <pre>
 * curl -s 'localhost:8000/v1/usage?since=1767225600'
 * </pre>
 */
@Path("v1/usage")
@SingleInstance
public class UsageResource {
    /** Seconds since 1970, until the year 5138. */
    private static final Pattern SECONDS = Pattern.compile("([0-9]{1,11})(\\.[0-9]{1,9})?");

    private final Usage usage;
    private final UsageExchange exchange;

    @Inject
    UsageResource(Usage usage, UsageExchange exchange) {
        this.usage = usage;
        this.exchange = exchange;
    }

    @GET
    @Access(Need.USAGE)
    public Response usage(@QueryParam("since") @Nullable String since, @QueryParam("until") @Nullable String until) {
        Optional<Instant> from = moment("since", since);
        Instant to = moment("until", until).orElse(usage.now());
        if (from.isPresent() && to.isBefore(from.get())) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "until must not be before since");
        }
        return Response.ok(exchange.report(Caller.current().tenant(), from, to), MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private static Optional<Instant> moment(String name, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        var parts = SECONDS.matcher(text);
        if (!parts.matches()) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, name + " must be seconds since 1970");
        }
        return Optional.of(Instant.ofEpochSecond(Long.parseLong(parts.group(1))));
    }
}
