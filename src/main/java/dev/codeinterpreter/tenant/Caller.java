package dev.codeinterpreter.tenant;

import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * In whose name the code runs. Bound to a thread for the time of a request; a thread that is started for a request gets it
 * with {@link #carry}. Code that needs a caller and has none fails: it is never taken for somebody.
 *
 * @param tenant whose files and sessions it sees; empty for a request without a credential
 * @param name of the key, or of the token's subject; empty without a credential
 */
public record Caller(String tenant, String name, Set<Scope> scopes, TenantLimits limits) {
    /** The tenant to which everything belongs where no credentials are asked for. */
    public static final String DEFAULT_TENANT = "default";

    /** Everybody, where no credentials are asked for. */
    public static final Caller DEFAULT = new Caller(DEFAULT_TENANT, "", EnumSet.allOf(Scope.class), TenantLimits.NONE);

    /** Of a request without a credential, to a path that asks for none. */
    public static final Caller NOBODY = new Caller("", "", Set.of(), TenantLimits.NONE);

    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    public Caller {
        requireNonNull(tenant, "tenant is null");
        requireNonNull(name, "name is null");
        scopes = Set.copyOf(scopes);
        requireNonNull(limits, "limits is null");
    }

    /** The service itself, about what belongs to {@code tenant}. */
    public static Caller serviceFor(String tenant) {
        return new Caller(tenant, "", Set.of(), TenantLimits.NONE);
    }

    /** @throws IllegalStateException when the thread works for nobody, which is a bug */
    public static Caller current() {
        if (!CURRENT.isBound()) {
            throw new IllegalStateException("this thread works in nobody's name");
        }
        return CURRENT.get();
    }

    public boolean has(Scope scope) {
        return scopes.contains(scope);
    }

    public boolean isNobody() {
        return tenant.isEmpty();
    }

    /** Does {@code task} in this caller's name. */
    public void run(Runnable task) {
        ScopedValue.where(CURRENT, this).run(task);
    }

    /** As {@link #run}, for what has a result. */
    public <T> T get(Supplier<T> task) {
        return ScopedValue.where(CURRENT, this).call(task::get);
    }

    /** Does {@code task} in the name of the calling thread's caller, on whichever thread runs it. */
    public static Runnable carry(Runnable task) {
        if (!CURRENT.isBound()) {
            return task;
        }
        Caller caller = CURRENT.get();
        RequestNotes notes = RequestNotes.current();
        return () -> notes.run(() -> caller.run(task));
    }

    /** As {@link #carry}, for what has a result. */
    public static <T> Callable<T> carryCall(Callable<T> task) {
        if (!CURRENT.isBound()) {
            return task;
        }
        Caller caller = CURRENT.get();
        return () -> ScopedValue.where(CURRENT, caller).call(task::call);
    }
}
