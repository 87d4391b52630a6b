package dev.codeinterpreter.config;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The only source of the time of day; a class that needs it has a {@link Clock} injected. */
@SingleInstance
class ClockProducer {

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }
}
