package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;

/**
 * An image's name in its parts.
 *
 * @param name with the registry's host and port, if it has one
 * @param version the digest, or else the tag
 */
record ImageReference(String name, String version) {
    /** Where names without a host are. */
    static final String DOCKER_HUB = "docker.io";

    /** @param image with a tag or a digest, as {@link DockerConfig#image} is */
    static ImageReference of(String image) {
        int digest = image.indexOf('@');
        String named = digest < 0 ? image : image.substring(0, digest);
        int tag = named.indexOf(':', named.lastIndexOf('/') + 1);
        return new ImageReference(
                tag < 0 ? named : named.substring(0, tag),
                // With both the engine, too, goes by the digest.
                digest < 0 ? named.substring(tag + 1) : image.substring(digest + 1));
    }

    /** Host and port. */
    String registry() {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost") ? first : DOCKER_HUB;
    }

    /** Of the Engine API. */
    String pullPath() {
        return "/images/create?fromImage=%s&tag=%s"
                .formatted(URLEncoder.encode(name, UTF_8), URLEncoder.encode(version, UTF_8));
    }
}
