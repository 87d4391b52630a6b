package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What is true of every sandbox of a backend, from its configuration.
 *
 * @param limits of each sandbox, where the backend has settings of its own for some of them
 * @param environment variables that the operator wants every program to have, beside our own
 * @param confinement what the runner has to keep a program from
 * @param isolatesNetwork whether programs have no way to any network
 * @param networkIsolation by what programs are kept off networks, or which one they have, in a word for operators
 * @param idleTakesRoom whether a sandbox that is idle takes room from others, as the requests of a pod do
 */
public record BackendTraits(
        ResourceLimits limits,
        Map<String, String> environment,
        ProgramConfinement confinement,
        boolean isolatesNetwork,
        String networkIsolation,
        boolean idleTakesRoom) {

    public BackendTraits {
        requireNonNull(limits, "limits is null");
        environment = Map.copyOf(environment);
        requireNonNull(confinement, "confinement is null");
        requireNonNull(networkIsolation, "networkIsolation is null");
    }
}
