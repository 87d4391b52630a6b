package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With files and helpers as the docker command has them. */
@Timeout(30)
class RegistryCredentialsTest {
    private static final String AUTH = Base64.getEncoder().encodeToString("user:pass:word".getBytes(UTF_8));

    @TempDir
    Path directory;

    @Test
    void hasNoneWithoutAFile() throws IOException {
        assertThat(header("docker.io")).isEmpty();
        assertThat(new RegistryCredentials(Path.of("/nowhere"), helper()).header("docker.io"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "registry:5000,registry:5000,registry:5000",
        "https://registry:5000/v1/,registry:5000,registry:5000",
        "http://registry:5000,registry:5000,registry:5000",
        "https://index.docker.io/v1/,docker.io,https://index.docker.io/v1/",
        "index.docker.io,docker.io,https://index.docker.io/v1/"
    })
    void findsTheEntryOfARegistry(String key, String registry, String server) throws IOException {
        write("{\"auths\":{\"other\":{\"auth\":\"\"},\"%s\":{\"auth\":\"%s\"}}}".formatted(key, AUTH));
        assertThat(header(registry))
                .contains("{\"username\":\"user\",\"password\":\"pass:word\",\"serveraddress\":\"%s\"}"
                        .formatted(server));
        assertThat(header("elsewhere.example.org")).isEmpty();
    }

    @Test
    void readsEveryFormOfAnEntry() throws IOException {
        write(
                "{\"auths\":{\"a\":{\"username\":\"u\",\"password\":\"p\"},\"b\":{\"identitytoken\":\"t\"},\"c\":{},\"d\":5}}");
        assertThat(header("a")).contains("{\"username\":\"u\",\"password\":\"p\",\"serveraddress\":\"a\"}");
        assertThat(header("b")).contains("{\"identitytoken\":\"t\",\"serveraddress\":\"b\"}");
        assertThat(header("c")).isEmpty();
        assertThat(header("d")).isEmpty();
    }

    @Test
    void readsTheFileEachTime() throws IOException {
        assertThat(header("a")).isEmpty();
        write("{\"auths\":{\"a\":{\"identitytoken\":\"t\"}}}");
        assertThat(header("a")).isPresent();
    }

    @Test
    void isSentInTheAlphabetOfUrls() throws IOException {
        write("{\"auths\":{\"a\":{\"username\":\"u\",\"password\":\"???>>>~~~\"}}}");
        assertThat(credentials().header("a").orElseThrow()).matches("[A-Za-z0-9_=-]+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "[\"secret\"]", "{\"auths\":{\"a\":{\"auth\":\"secret?\"}}}"})
    void saysWhatIsWrongAndNotWhatIsThere(String text) throws IOException {
        write(text);
        assertThatThrownBy(() -> credentials().header("a"))
                .isInstanceOf(IOException.class)
                .hasNoCause()
                .message()
                .doesNotContain("secret");
    }

    @Test
    void refusesAnEntryWithoutPasswordAndAFileWithoutEnd() throws IOException {
        write("{\"auths\":{\"a\":{\"auth\":\"%s\"}}}"
                .formatted(Base64.getEncoder().encodeToString("secret".getBytes(UTF_8))));
        assertThatThrownBy(() -> credentials().header("a"))
                .hasMessage("the entry for a is no user and password in base64");
        write(" ".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> credentials().header("a")).hasMessageEndingWith("has more than 1048576 bytes");
    }

    @Test
    void asksTheHelperThatTheFileNames() throws IOException {
        script(
                "store",
                "read server; echo \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"u-$1\\\",\\\"Secret\\\":\\\"p\\\"}\"");
        script("cloud", "read server; echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}'");
        write("{\"auths\":{\"a\":{\"auth\":\"%s\"}},\"credsStore\":\"store\",\"credHelpers\":{\"b\":\"cloud\"}}"
                .formatted(AUTH));
        assertThat(header("a")).contains("{\"username\":\"u-get\",\"password\":\"p\",\"serveraddress\":\"a\"}");
        assertThat(header("b")).contains("{\"identitytoken\":\"t\",\"serveraddress\":\"b\"}");
    }

    @Test
    void hasNoneWhereTheHelperHasNone() throws IOException {
        script("store", "cat > /dev/null; echo 'credentials not found in native keychain'; exit 1");
        write("{\"credsStore\":\"store\"}");
        assertThat(header("a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "echo secret; exit 3,the credential helper store exited with 3",
        "echo secret,the credential helper store gave no credentials",
        "echo '{}',the credential helper store gave no credentials",
        "exec sleep 60,the credential helper store does not end",
        "exec yes secret,the credential helper store does not end"
    })
    void saysWhatIsWrongWithAHelper(String body, String message) throws IOException {
        script("store", body);
        write("{\"credsStore\":\"store\"}");
        assertThatThrownBy(() -> header("a"))
                .isInstanceOf(IOException.class)
                .hasMessage(message)
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../store", "/bin/sh", "a b", "-x"})
    void runsNothingThatIsNoName(String name) throws IOException {
        write("{\"credsStore\":\"%s\"}".formatted(name));
        assertThatThrownBy(() -> header("a")).hasMessage("no name of a credential helper: '%s'".formatted(name));
    }

    @Test
    void saysThatThereIsNoSuchHelper() throws IOException {
        write("{\"credsStore\":\"nobody\"}");
        assertThatThrownBy(() -> header("a")).isInstanceOf(IOException.class).hasMessageContaining("nobody");
    }

    private Optional<String> header(String registry) throws IOException {
        return credentials()
                .header(registry)
                .map(text -> new String(Base64.getUrlDecoder().decode(text), UTF_8));
    }

    private RegistryCredentials credentials() {
        return new RegistryCredentials(directory, helper());
    }

    private CredentialProgram helper() {
        return new CredentialProgram(directory + "/helper-", Duration.ofSeconds(2));
    }

    private void write(String text) throws IOException {
        Files.writeString(directory.resolve("config.json"), text);
    }

    private void script(String name, String body) throws IOException {
        Path file = directory.resolve("helper-" + name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
