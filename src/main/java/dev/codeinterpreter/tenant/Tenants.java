package dev.codeinterpreter.tenant;

/** What is known of tenants beside the requests that they send. */
@FunctionalInterface
public interface Tenants {
    /** Where no credentials are asked for. */
    Tenants ONE = () -> Caller.DEFAULT_TENANT;

    /**
     * The tenant of every request that may come, so that sandboxes can be made for it beforehand; empty when there may be
     * several.
     */
    String only();
}
