package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.spool.SpoolDirectory;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;

/** The event that ends a stream, of whatever there is room for: it must come, or a client could not tell the end from a cut. */
final class LastEvent {
    private static final System.Logger LOG = System.getLogger(LastEvent.class.getName());

    private static final String NO_ROOM = PendingEvents.event(
            "error",
            new ErrorEvent(ErrorCode.STORAGE_FULL, "The result is too large for the storage that is left").toJson());

    private LastEvent() {}

    /** Writes an event. */
    private interface Form {
        void writeTo(OutputStream target) throws IOException;
    }

    /** The caller closes it. */
    static PendingText of(SpoolDirectory spool, String type, String data) {
        return first(
                spool, target -> target.write(PendingEvents.event(type, data).getBytes(UTF_8)));
    }

    /** A result with the list {@code results}, which is empty when there is no room for the whole one. The caller closes it. */
    static PendingText of(SpoolDirectory spool, JsonObject result, ShownResults results) {
        String members = OneLineWriter.escape(result.toString());
        String begin = "event: result\ndata: " + members.substring(0, members.length() - 1) + ",\"results\":";
        Form whole = target -> {
            target.write(begin.getBytes(UTF_8));
            results.writeTo(target);
            target.write('}');
            target.write(PendingEvents.END_OF_EVENT);
        };
        return first(spool, whole, target -> {
            results.discard();
            whole.writeTo(target);
        });
    }

    /** The first of {@code forms} for which there is room, else an error. */
    private static PendingText first(SpoolDirectory spool, Form... forms) {
        for (Form form : forms) {
            PendingText text = new PendingText(spool.queue());
            if (isWritten(form, text)) {
                return text;
            }
            text.close();
        }
        PendingText error = new PendingText(spool.queue());
        boolean _ = isWritten(target -> target.write(NO_ROOM.getBytes(UTF_8)), error);
        return error;
    }

    private static boolean isWritten(Form form, PendingText target) {
        try {
            form.writeTo(target);
            return !target.isCut();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the end of a stream cannot be read back", e);
            return false;
        }
    }
}
