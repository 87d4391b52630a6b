package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;

/** A JSON-RPC error; the message is sent as it is. */
public final class RpcException extends RuntimeException {
    public static final int PARSE_ERROR = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int METHOD_NOT_FOUND = -32601;
    public static final int INVALID_PARAMS = -32602;
    public static final int INTERNAL_ERROR = -32603;
    /** Until 2025-11-25; later revisions have INVALID_PARAMS for it. */
    public static final int RESOURCE_NOT_FOUND = -32002;

    public static final int HEADER_MISMATCH = -32020;
    public static final int UNSUPPORTED_VERSION = -32022;

    private final int code;
    private final transient JsonObject data;

    public RpcException(int code, String message) {
        this(code, message, JsonObject.EMPTY_JSON_OBJECT);
    }

    /** @param data empty for none */
    public RpcException(int code, String message, JsonObject data) {
        super(message);
        this.code = code;
        this.data = data;
    }

    public static RpcException invalidParams(String message) {
        return new RpcException(INVALID_PARAMS, message);
    }

    /** There is no such resource for this caller. */
    public static RpcException noResource(Protocol protocol, String uri, String message) {
        return new RpcException(
                protocol.isModern() ? INVALID_PARAMS : RESOURCE_NOT_FOUND,
                message,
                Json.createObjectBuilder().add("uri", uri).build());
    }

    public int code() {
        return code;
    }

    JsonObject data() {
        return data;
    }
}
