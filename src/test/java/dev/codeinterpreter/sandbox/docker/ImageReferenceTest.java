package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "name:latest,name,latest,docker.io",
        "owner/name:1.2,owner/name,1.2,docker.io",
        "localhost/name:1,localhost/name,1,localhost",
        "registry:5000/name:1,registry:5000/name,1,registry:5000",
        "127.0.0.1:5000/owner/name:1,127.0.0.1:5000/owner/name,1,127.0.0.1:5000",
        "ghcr.io/owner/name:1,ghcr.io/owner/name,1,ghcr.io"
    })
    void takesANameApart(String image, String name, String version, String registry) {
        ImageReference reference = ImageReference.of(image);
        assertThat(reference).isEqualTo(new ImageReference(name, version));
        assertThat(reference.registry()).isEqualTo(registry);
    }

    @ParameterizedTest
    @CsvSource({"registry:5000/name@,registry:5000/name", "name:1@,name"})
    void goesByTheDigest(String image, String name) {
        assertThat(ImageReference.of(image + DIGEST)).isEqualTo(new ImageReference(name, DIGEST));
    }

    @Test
    void isPulledByNameAndVersion() {
        assertThat(ImageReference.of("registry:5000/owner/name:1").pullPath())
                .isEqualTo("/images/create?fromImage=registry%3A5000%2Fowner%2Fname&tag=1");
    }
}
