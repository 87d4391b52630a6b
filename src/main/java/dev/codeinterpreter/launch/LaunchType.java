package dev.codeinterpreter.launch;

/** Whether a run's sandbox was ready before the run, or launched for it. */
public enum LaunchType {
    WARM,
    COLD
}
