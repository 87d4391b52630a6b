package dev.codeinterpreter.config;

/**
 * HOST and PORT, under the names that the web server reads. They cannot simply be references in the properties file,
 * because an empty variable means the default here and nothing there.
 */
public record ServerSettings(String host, int port) {

    public static ServerSettings from(Settings settings) {
        return new ServerSettings(settings.text("HOST", "0.0.0.0"), settings.integer("PORT", 8000, 0, 65_535));
    }

    /** Before the container starts. */
    public void apply() {
        System.setProperty("server.host", host);
        System.setProperty("server.port", Integer.toString(port));
    }
}
