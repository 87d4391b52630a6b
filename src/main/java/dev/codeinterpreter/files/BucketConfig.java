package dev.codeinterpreter.files;

import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a bucket is. Credentials come from the usual chain of AWS, and are not among these.
 *
 * @param name of the bucket, which is there
 * @param prefix of all keys; empty, or with a slash at its end
 * @param endpoint of a server other than AWS's
 * @param region empty: from AWS_REGION, the profile or the instance
 * @param pathStyle whether the bucket is in the path and not in the host name
 */
public record BucketConfig(
        String name, String prefix, Optional<URI> endpoint, Optional<String> region, boolean pathStyle) {
    /** For stores that are no bucket. */
    public static final BucketConfig NONE = new BucketConfig("", "", Optional.empty(), Optional.empty(), false);

    /** What any server takes in a key and shows in its log as it is. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._/-]{0,200}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:/-]{3,255}");

    /** Reads FILE_S3_BUCKET, which has to be there if {@code required}, and _PREFIX, _ENDPOINT, _REGION and _PATH_STYLE. */
    static BucketConfig from(Settings settings, boolean required) {
        String name =
                settings.parsed("FILE_S3_BUCKET", "", "the name of a bucket", text -> Settings.matching(NAME, text));
        if (required && name.isEmpty()) {
            settings.problem("FILE_S3_BUCKET must be set when FILE_STORAGE is s3");
        }
        return new BucketConfig(
                name,
                settings.parsed(
                        "FILE_S3_PREFIX",
                        "",
                        "at most 200 of A-Z, a-z, 0-9, '.', '_', '-' and '/'",
                        BucketConfig::prefix),
                settings.parsed("FILE_S3_ENDPOINT", Optional.empty(), "a URL of http or https", BucketConfig::endpoint),
                settings.optionalText("FILE_S3_REGION"),
                settings.flag("FILE_S3_PATH_STYLE", false));
    }

    private static String prefix(String text) {
        return text.isEmpty() || text.endsWith("/")
                ? Settings.matching(PREFIX, text)
                : Settings.matching(PREFIX, text) + "/";
    }

    private static Optional<URI> endpoint(String text) {
        URI uri = URI.create(text);
        boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getRawQuery() != null || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException(text);
        }
        return Optional.of(uri);
    }
}
