package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.BucketConfig;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes clients of a bucket. */
final class S3Clients {
    /** Of servers other than AWS's, which want some region in a signature. */
    private static final Region ANY = Region.US_EAST_1;

    private S3Clients() {}

    /** With credentials of the usual chain, looked for at the first request. */
    static S3Client client(BucketConfig bucket, S3Timings timings) {
        BackoffStrategy pauses = BackoffStrategy.exponentialDelay(timings.minPause(), timings.maxPause());
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(timings.connect())
                        .socketTimeout(timings.read()))
                .overrideConfiguration(c -> c.apiCallAttemptTimeout(timings.attempt())
                        .apiCallTimeout(timings.call())
                        .retryStrategy(StandardRetryStrategy.builder()
                                .maxAttempts(timings.attempts())
                                .backoffStrategy(pauses)
                                .throttlingBackoffStrategy(pauses)
                                .circuitBreakerEnabled(false)
                                .build()))
                .forcePathStyle(bucket.pathStyle())
                // Trailers with checksums are what servers other than AWS's do not know.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s -> s.chunkedEncodingEnabled(false));
        bucket.endpoint().ifPresent(builder::endpointOverride);
        bucket.region()
                .map(Region::of)
                .or(() -> bucket.endpoint().map(any -> ANY))
                .ifPresent(builder::region);
        return builder.build();
    }
}
