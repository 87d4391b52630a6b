package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast one sandbox may use one of the host's disks: {@code --device-read-bps /dev/sda:50mb} and its three siblings. Of
 * the operator only, who knows the device below the engine's images.
 *
 * @param device the host's path
 * @param rate bytes or operations a second, at least 1
 */
record DiskRate(Kind kind, String device, long rate) {
    private static final Pattern TEXT = Pattern.compile("(/[^:]*):([0-9]{1,18})([kmg]?)b?", Pattern.CASE_INSENSITIVE);
    private static final Map<String, Integer> SHIFTS = Map.of("", 0, "k", 10, "m", 20, "g", 30);

    enum Kind {
        READ_BPS,
        WRITE_BPS,
        READ_IOPS,
        WRITE_IOPS;

        String option() {
            return "--device-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The field of the engine's HostConfig. */
        String field() {
            return switch (this) {
                case READ_BPS -> "BlkioDeviceReadBps";
                case WRITE_BPS -> "BlkioDeviceWriteBps";
                case READ_IOPS -> "BlkioDeviceReadIOps";
                case WRITE_IOPS -> "BlkioDeviceWriteIOps";
            };
        }

        static Optional<Kind> of(String option) {
            return Arrays.stream(values())
                    .filter(kind -> kind.option().equals(option))
                    .findFirst();
        }

        private boolean isOfBytes() {
            return this == READ_BPS || this == WRITE_BPS;
        }
    }

    /**
     * As {@code docker run} reads it; units are of 1024.
     *
     * @throws IllegalArgumentException naming the option and the value
     */
    static DiskRate parse(Kind kind, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (matcher.matches() && (kind.isOfBytes() || text.endsWith(matcher.group(2)))) {
            BigInteger rate = new BigInteger(matcher.group(2))
                    .shiftLeft(SHIFTS.getOrDefault(matcher.group(3).toLowerCase(Locale.ROOT), 0));
            if (rate.signum() > 0 && rate.bitLength() < Long.SIZE) {
                return new DiskRate(kind, matcher.group(1), rate.longValueExact());
            }
        }
        throw new IllegalArgumentException("%s %s is not %s"
                .formatted(kind.option(), text, kind.isOfBytes() ? "like /dev/sda:50mb" : "like /dev/sda:1000"));
    }

    JsonObjectBuilder json() {
        return Json.createObjectBuilder().add("Path", device).add("Rate", rate);
    }
}
