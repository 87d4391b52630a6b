package dev.codeinterpreter.files;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.usage.UsagePlace;
import dev.codeinterpreter.usage.UsageStore;
import dev.codeinterpreter.usage.UsageStoreFactory;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import java.util.Optional;

/** Replicas leave what they have counted where their files are, when these are of all of them. */
@SingleInstance
class UsageBesideFiles implements UsagePlace {
    private final FilesConfig config;
    private final Instance<UsageStoreFactory> factories;

    @Inject
    UsageBesideFiles(FilesConfig config, @Any Instance<UsageStoreFactory> factories) {
        this.config = config;
        this.factories = factories;
    }

    @Override
    public Optional<UsageStore> open() {
        Instance<UsageStoreFactory> chosen =
                factories.select(NamedLiteral.of("usage-" + config.storage().label()));
        return chosen.isUnsatisfied()
                ? Optional.empty()
                : Optional.of(chosen.get().open());
    }
}
