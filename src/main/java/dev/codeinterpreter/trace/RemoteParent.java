package dev.codeinterpreter.trace;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The span of somebody else under which a request is made, as W3C Trace Context writes it. A client can send anything: what
 * is malformed or too long counts as not sent, as the standard demands, and costs one look at its length.
 *
 * @param traceparent version, trace id, span id and flags, sound
 * @param tracestate of the tracing systems on the way; empty where there is none
 */
public record RemoteParent(String traceparent, String tracestate) {
    /** Of version 00; a later one may have more behind it. */
    private static final int LENGTH = 55;

    private static final int MAX_LENGTH = 128;

    /** What the standard asks to pass on at least. */
    private static final int MAX_STATE = 512;

    private static final Pattern SOUND = Pattern.compile(
            "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\\x21-\\x7e]*)?");

    /** What can be in a header; its members are checked where they are parsed. */
    private static final Pattern SOUND_STATE = Pattern.compile("[\\x20-\\x7e\\t]*");

    /** Empty when {@code traceparent} is malformed; a malformed {@code tracestate} is left out. */
    public static Optional<RemoteParent> of(String traceparent, String tracestate) {
        if (traceparent.length() < LENGTH
                || traceparent.length() > MAX_LENGTH
                || !SOUND.matcher(traceparent).matches()
                || (traceparent.startsWith("00") && traceparent.length() != LENGTH)) {
            return Optional.empty();
        }
        boolean sound = tracestate.length() <= MAX_STATE
                && SOUND_STATE.matcher(tracestate).matches();
        return Optional.of(new RemoteParent(traceparent, sound ? tracestate : ""));
    }
}
