package dev.codeinterpreter.health;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that the build wrote into the jar. */
public record ServiceVersion(String text) {

    public static ServiceVersion current() {
        Properties properties = new Properties();
        try (InputStream resource = ServiceVersion.class.getResourceAsStream("version.properties")) {
            if (resource == null) {
                throw new IllegalStateException("version.properties is not in the jar");
            }
            properties.load(resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ServiceVersion(properties.getProperty("version"));
    }
}
