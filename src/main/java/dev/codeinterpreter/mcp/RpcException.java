package dev.codeinterpreter.mcp;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;

/** A JSON-RPC error; the message is sent as it is. */
final class RpcException extends RuntimeException {
    static final int PARSE_ERROR = -32700;
    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;
    static final int INTERNAL_ERROR = -32603;
    /** Until 2025-11-25; later revisions have INVALID_PARAMS for it. */
    static final int RESOURCE_NOT_FOUND = -32002;

    static final int HEADER_MISMATCH = -32020;
    static final int UNSUPPORTED_VERSION = -32022;

    private final int code;
    private final transient JsonObject data;

    RpcException(int code, String message) {
        this(code, message, JsonObject.EMPTY_JSON_OBJECT);
    }

    /** @param data empty for none */
    RpcException(int code, String message, JsonObject data) {
        super(message);
        this.code = code;
        this.data = data;
    }

    static RpcException invalidParams(String message) {
        return new RpcException(INVALID_PARAMS, message);
    }

    /** There is no such resource for this caller. */
    static RpcException noResource(Protocol protocol, String uri, String message) {
        return new RpcException(
                protocol.isModern() ? INVALID_PARAMS : RESOURCE_NOT_FOUND,
                message,
                Json.createObjectBuilder().add("uri", uri).build());
    }

    int code() {
        return code;
    }

    JsonObject data() {
        return data;
    }
}
