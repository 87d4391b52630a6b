package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.codeinterpreter.tenant.TenantLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The keys and the tenants of one reading of the file. */
record KeyRing(List<ApiKey> keys, Map<String, TenantLimits> tenants) {
    static final KeyRing EMPTY = new KeyRing(List.of(), Map.of());

    KeyRing {
        keys = List.copyOf(keys);
        tenants = Map.copyOf(tenants);
    }

    /** The entry of a key, expired or not. Every entry is compared, so the time says nothing about which one it was. */
    Optional<ApiKey> find(String key) {
        byte[] hash = ApiKey.hash(key).getBytes(US_ASCII);
        ApiKey found = null;
        for (ApiKey entry : keys) {
            if (entry.matches(hash)) {
                found = entry;
            }
        }
        return Optional.ofNullable(found);
    }

    TenantLimits limitsOf(String tenant) {
        return tenants.getOrDefault(tenant, TenantLimits.NONE);
    }

    /** The tenants that keys name. */
    Set<String> named() {
        return keys.stream().map(ApiKey::tenant).collect(Collectors.toSet());
    }
}
