package dev.codeinterpreter.sandbox.kubernetes;

/** What we have to be permitted to do. Streams into pods begin with a GET on some servers, and count as created on others. */
enum PodPermission {
    CREATE("create", ""),
    GET("get", ""),
    LIST("list", ""),
    WATCH("watch", ""),
    DELETE("delete", ""),
    GET_EXEC("get", "exec"),
    CREATE_EXEC("create", "exec");

    private final String verb;
    private final String subresource;

    PodPermission(String verb, String subresource) {
        this.verb = verb;
        this.subresource = subresource;
    }

    String verb() {
        return verb;
    }

    /** Empty for the pod itself. */
    String subresource() {
        return subresource;
    }

    @Override
    public String toString() {
        return verb + (subresource.isEmpty() ? " pods" : " pods/" + subresource);
    }
}
