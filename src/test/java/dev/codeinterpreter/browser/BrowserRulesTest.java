package dev.codeinterpreter.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.browser.BrowserRules.Decision;
import dev.codeinterpreter.config.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrowserRulesTest {
    private static final BrowserRules RULES = rules(Map.of(
            "CORS_ALLOWED_ORIGINS", "https://app.example.com, http://localhost:3000",
            "ALLOWED_HOSTS", "box.lan"));

    private static BrowserRules rules(Map<String, String> settings) {
        return new BrowserRules(BrowserConfig.from(new Settings(name -> Optional.ofNullable(settings.get(name)))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // method | loopback | Host | X-Forwarded-Host | Origin | Sec-Fetch-Site, -Mode, -Dest | what comes of
                // it
                // Callers that are no browsers.
                "POST | no  | ci.example.com            | - | - | -                          | pass",
                "POST | no  | ci.example.com:8000       | - | - | -                          | pass",
                "GET  | no  | 10.88.0.7:8000            | - | - | -                          | pass",
                "GET  | no  | code-interpreter          | - | - | -                          | pass",
                "POST | yes | localhost:8000            | - | - | -                          | pass",
                "POST | yes | LOCALHOST:8000            | - | - | -                          | pass",
                "POST | yes | localhost.:8000           | - | - | -                          | pass",
                "POST | yes | localhost                 | - | - | -                          | pass",
                "POST | yes | 127.0.0.1:8000            | - | - | -                          | pass",
                "POST | yes | 127.1.2.3                 | - | - | -                          | pass",
                "POST | yes | [::1]:8000                | - | - | -                          | pass",
                "POST | yes | [::ffff:127.0.0.1]        | - | - | -                          | pass",
                "POST | yes | 192.168.1.5:8000          | - | - | -                          | pass",
                "POST | yes | box.lan:8000              | - | - | -                          | pass",
                "POST | yes | BOX.lan.:8000             | - | - | -                          | pass",
                "DELETE | yes | localhost:8000          | - | - | -                          | pass",
                // Names that were made to resolve to this machine.
                "POST | yes | evil.test:8000            | - | - | -                          | refused",
                "GET  | yes | evil.test                 | - | - | -                          | refused",
                "HEAD | yes | evil.test                 | - | - | -                          | refused",
                "OPTIONS | yes | evil.test              | - | - | -                          | refused",
                "GET  | yes | evil.test | localhost:8000 | - | -                             | refused",
                "POST | yes | evil.test:8000 | - | http://evil.test:8000 | same-origin,cors,empty | refused",
                "POST | yes | evil.test:8000 | evil.test:8000 | http://evil.test:8000 | same-origin,cors,empty | refused",
                "POST | yes | localhost.evil.test       | - | - | -                          | refused",
                "POST | yes | xlocalhost                | - | - | -                          | refused",
                "POST | yes | 127.0.0.1.evil.test       | - | - | -                          | refused",
                "POST | yes | 127.0.0.1.nip.io          | - | - | -                          | refused",
                "POST | yes | 1.2.3                     | - | - | -                          | refused",
                "POST | yes | 256.1.1.1                 | - | - | -                          | refused",
                "POST | yes | 0x7f.0.0.1                | - | - | -                          | refused",
                "POST | yes | sub.box.lan               | - | - | -                          | refused",
                "POST | yes | app.example.com | - | https://app.example.com | cross-site,cors,empty | refused",
                "POST | no  | evil.test:8000            | - | - | -                          | pass",
                // What is no host.
                "POST | yes | -                         | - | - | -                          | malformed",
                "POST | no  | user@ci.example.com       | - | - | -                          | malformed",
                "POST | no  | ci.example.com/x          | - | - | -                          | malformed",
                "POST | no  | ci.example.com:99999      | - | - | -                          | malformed",
                "POST | no  | ci.example.com:8o         | - | - | -                          | malformed",
                "POST | no  | [::1                      | - | - | -                          | malformed",
                "POST | no  | ci%2eexample.com          | - | - | -                          | malformed",
                "POST | no  | localhost;evil.test       | - | - | -                          | malformed",
                // Pages of the service itself.
                "POST | yes | localhost:8000 | - | http://localhost:8000 | same-origin,cors,empty | pass",
                "POST | yes | [::1]:8000     | - | http://[::1]:8000     | same-origin,cors,empty | pass",
                "POST | no  | ci.example.com | - | https://ci.example.com | same-origin,cors,empty | pass",
                "POST | no  | ci.example.com | - | http://ci.example.com  | -                    | pass",
                "POST | no  | ci.example.com:443 | - | https://ci.example.com | -               | pass",
                "POST | no  | ci.example.com:8443 | - | https://CI.example.com:8443 | -         | pass",
                "POST | no  | backend:8000 | ci.example.com | https://ci.example.com | same-origin,cors,empty | pass",
                "POST | no  | backend:8000 | ci.example.com, proxy.lan | https://ci.example.com | - | pass",
                "POST | yes | 127.0.0.1:8000 | ci.example.com | https://ci.example.com | - | pass",
                // Pages of others.
                "POST | yes | localhost:8000 | - | http://evil.test | cross-site,no-cors,empty   | refused",
                "POST | yes | localhost:8000 | - | http://localhost:9000 | same-site,cors,empty  | refused",
                "POST | yes | localhost:8000 | - | http://localhost | same-site,cors,empty       | refused",
                "POST | yes | localhost:8000 | - | http://127.0.0.1:8000 | cross-site,cors,empty | refused",
                "POST | yes | localhost:8000 | - | null | cross-site,cors,empty                  | refused",
                "POST | yes | localhost:8000 | - | '' | -                                        | refused",
                "POST | yes | localhost:8000 | - | file:// | -                                   | refused",
                "POST | yes | localhost:8000 | - | chrome-extension://abcdef | none,cors,empty   | refused",
                "POST | yes | localhost:8000 | - | http://localhost:8000/x | -                   | refused",
                "POST | yes | localhost:8000 | - | http://localhost:8000@evil.test | -           | refused",
                "POST | yes | localhost:8000 | - | http://localhost:8000;http://evil.test | -    | refused",
                "POST | no  | ci.example.com | - | https://ci.example.com:8443 | -               | refused",
                "POST | no  | ci.example.com | - | https://ci.example.com.evil.test | -          | refused",
                "POST | no  | ci.example.com | evil.test | https://other.test | -                | refused",
                "GET  | no  | ci.example.com | - | http://evil.test | cross-site,cors,empty      | refused",
                "HEAD | no  | ci.example.com | - | http://evil.test | -                          | refused",
                "GET  | yes | localhost:8000 | - | - | cross-site,no-cors,image                  | refused",
                "GET  | yes | localhost:8000 | - | - | cross-site,no-cors,script                 | refused",
                "GET  | yes | localhost:8000 | - | - | cross-site,navigate,iframe                | refused",
                "POST | yes | localhost:8000 | - | - | cross-site,navigate,document              | refused",
                "POST | yes | localhost:8000 | - | - | Cross-Site,-,-                            | refused",
                "POST | yes | localhost:8000 | - | http://localhost:8000 | cross-site,cors,empty | refused",
                "OPTIONS? | yes | localhost:8000 | - | http://evil.test | cross-site,cors,empty  | refused",
                // A person: a link, an address that was typed, a reload.
                "GET  | yes | localhost:8000 | - | - | cross-site,navigate,document              | pass",
                "GET  | yes | localhost:8000 | - | - | none,navigate,document                    | pass",
                "GET  | no  | ci.example.com | - | - | same-origin,no-cors,script                | pass",
                // Pages that may.
                "POST | no  | ci.example.com | - | https://app.example.com | cross-site,cors,empty | shared",
                "GET  | no  | ci.example.com | - | https://app.example.com:443 | -               | shared",
                "POST | yes | localhost:8000 | - | http://localhost:3000 | same-site,cors,empty  | shared",
                "OPTIONS? | no | ci.example.com | - | https://app.example.com | cross-site,cors,empty | preflight",
                "OPTIONS | no | ci.example.com | - | https://app.example.com | -                 | shared",
                "POST | no  | ci.example.com | - | http://app.example.com | cross-site,cors,empty | refused",
                "POST | no  | ci.example.com | - | https://app.example.com:8443 | -              | refused",
                "POST | no  | ci.example.com | - | https://x.app.example.com | -                 | refused",
            })
    void decides(
            String method,
            String loopback,
            String host,
            String forwarded,
            String origin,
            String fetch,
            String expected) {
        List<String> metadata = fetch == null ? List.of("", "", "") : Arrays.asList(fetch.split(","));
        Decision decision = RULES.decide(new BrowserRules.Request(
                method.replace("?", ""),
                false,
                loopback.equals("yes"),
                host == null ? List.of() : List.of(host),
                forwarded == null ? "" : forwarded,
                origin == null ? List.of() : List.of(origin),
                metadata.get(0),
                metadata.get(1),
                metadata.get(2),
                method.endsWith("?")));
        assertThat(word(decision)).isEqualTo(expected);
    }

    private static String word(Decision decision) {
        return switch (decision) {
            case Decision.Pass _ -> "pass";
            case Decision.Share _ -> "shared";
            case Decision.Preflight _ -> "preflight";
            case Decision.Malformed _ -> "malformed";
            case Decision.Refuse refuse -> {
                assertThat(refuse.detail()).containsAnyOf("ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS");
                yield "refused";
            }
        };
    }

    @Test
    void refusesSeveralOriginsAndHosts() {
        assertThat(word(RULES.decide(
                        request(List.of("localhost:8000"), List.of("http://localhost:8000", "http://evil.test")))))
                .isEqualTo("refused");
        assertThat(word(RULES.decide(request(List.of("localhost:8000", "evil.test"), List.of()))))
                .isEqualTo("malformed");
    }

    @Test
    void quotesLittleAndNoControlCharacters() {
        Decision decision =
                RULES.decide(request(List.of("localhost"), List.of("http://\u001b[31m" + "x".repeat(5000))));
        assertThat(((Decision.Refuse) decision).detail()).hasSizeLessThan(300).doesNotContain("\u001b");
    }

    /** A page under a name that was rebound to this service has the Origin that its Host is. */
    @ParameterizedTest
    @CsvSource({
        "http://localhost:6274,Share",
        "http://127.0.0.1,Share",
        "http://[::1]:5173,Share",
        "https://app.example.com,Share",
        "http://evil.example:8000,Refuse",
        "http://10.0.0.1:8000,Refuse",
        "https://cors.example.com,Refuse",
        "null,Refuse"
    })
    void letsPagesOfThisMachineAndAllowedOnesCallMcp(String origin, String decision) {
        BrowserRules rules = rules(Map.of(
                "MCP_ALLOWED_ORIGINS", "https://app.example.com", "CORS_ALLOWED_ORIGINS", "https://cors.example.com"));
        String host = origin.replaceFirst(".*//", "");
        BrowserRules.Request request = new BrowserRules.Request(
                "POST", true, false, List.of(host), "", List.of(origin), "cross-site", "cors", "empty", false);

        assertThat(rules.decide(request).getClass().getSimpleName()).isEqualTo(decision);
    }

    private static BrowserRules.Request request(List<String> hosts, List<String> origins) {
        return new BrowserRules.Request("POST", false, true, hosts, "", origins, "", "", "", false);
    }

    @ParameterizedTest
    @CsvSource({
        "CORS_ALLOWED_ORIGINS,*",
        "CORS_ALLOWED_ORIGINS,app.example.com",
        "CORS_ALLOWED_ORIGINS,https://app.example.com/",
        "CORS_ALLOWED_ORIGINS,ftp://app.example.com",
        "CORS_ALLOWED_ORIGINS,null",
        "CORS_ALLOWED_ORIGINS,'https://a.example.com https://b.example.com'",
        "ALLOWED_HOSTS,*",
        "ALLOWED_HOSTS,box.lan:8000",
        "ALLOWED_HOSTS,http://box.lan",
        "ALLOWED_HOSTS,'box.lan,a b'",
    })
    void saysWhatASettingAccepts(String name, String value) {
        Settings settings = new Settings(variable -> variable.equals(name) ? Optional.of(value) : Optional.empty());
        BrowserConfig.from(settings);
        org.assertj.core.api.Assertions.assertThatThrownBy(settings::verify)
                .hasMessageContaining(name + " must be")
                .hasMessageContaining(value);
    }
}
