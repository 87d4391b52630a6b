package dev.codeinterpreter.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LoggingPreferences;

/** Debian's Chromium without a screen, with a profile of its own; one for all test classes of this JVM. */
public final class Browser {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static @Nullable Browser shared;

    private final ChromeDriver driver;
    private final Path directory;

    private Browser() throws IOException {
        directory = Files.createTempDirectory("code-interpreter-browser-");
        Janitor.watchDirectory(directory);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        // No sandbox: Chromium has none for root, and shows pages of our own.
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--user-data-dir=" + directory.resolve("profile"));
        options.setExperimentalOption(
                "prefs", Map.of("download.default_directory", downloads().toString()));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable("browser", Level.ALL);
        logs.enable("performance", Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .withLogFile(directory.resolve("driver.log").toFile())
                .build();
        driver = new ChromeDriver(service, options);
    }

    /** Whether there is one here, and what drives it. */
    public static boolean isInstalled() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    }

    /** Starts it for the first class that needs it; it ends with the JVM. */
    public static Browser shared() {
        synchronized (Browser.class) {
            Browser browser = shared;
            if (browser == null) {
                try {
                    browser = new Browser();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Runtime.getRuntime().addShutdownHook(new Thread(browser::close));
                shared = browser;
            }
            return browser;
        }
    }

    public ChromeDriver driver() {
        return driver;
    }

    /** A command of Chrome's DevTools. */
    public Map<String, Object> devTools(String command, Map<String, Object> parameters) {
        return driver.executeCdpCommand(command, parameters);
    }

    /** Where files arrive that a page saves. */
    public Path downloads() {
        return directory.resolve("downloads");
    }

    /** Moves a file to where the pages' files are, so that it can be chosen on a page. */
    public File file(String name, String content) {
        try {
            return Files.writeString(
                            Files.createDirectories(directory.resolve("files")).resolve(name), content)
                    .toFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Messages of one of the browser's logs since they were read last. */
    public List<String> log(String kind) {
        return driver.manage().logs().get(kind).getAll().stream()
                .map(LogEntry::getMessage)
                .toList();
    }

    public byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    private void close() {
        driver.quit();
        try (var below = Files.walk(directory)) {
            below.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
