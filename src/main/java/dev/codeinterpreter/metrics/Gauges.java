package dev.codeinterpreter.metrics;

import dev.codeinterpreter.audit.AuditLog;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.mcp.tool.ToolCatalog;
import dev.codeinterpreter.pool.PoolStats;
import dev.codeinterpreter.pool.WarmPool;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.server.Connections;
import dev.codeinterpreter.session.SessionLimit;
import dev.codeinterpreter.tls.CertificateReloader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.function.Function;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;

/** What can be read at any moment; and before the first scrape whatever else is counted, at zero. */
@SingleInstance
class Gauges {
    void register(
            @Observes @Initialized(ApplicationScoped.class) Object event,
            MetricRegistry registry,
            RunConfig runs,
            WarmPool pool,
            FileStore store,
            FilesConfig storage,
            FileStoreMetrics storeMetrics,
            SessionLimit sessions,
            Connections connections,
            ExecutionMetrics executions,
            PoolMetrics launches,
            ToolMetrics calls,
            ToolCatalog tools,
            AuditLog audit,
            CertificateReloader certificate) {
        executions.register();
        launches.register();
        storeMetrics.register(storage);
        calls.register(tools.names());
        registry.gauge(
                Names.of("executions_limit", "Permits for operations in this process (MAX_CONCURRENT_EXECUTIONS)"),
                runs,
                RunConfig::maxConcurrent);
        registry.gauge(
                Names.of("sessions_limit", "Sessions that may be on the engine (MAX_SESSIONS)"),
                sessions,
                SessionLimit::max);
        registry.gauge(
                Names.of("sessions_active", "Sessions on the engine when it was last asked, of all replicas"),
                sessions,
                SessionLimit::lastCount);
        gauge(registry, pool, "idle", PoolStats::idle);
        gauge(registry, pool, "preloaded", PoolStats::preloaded);
        gauge(registry, pool, "session", PoolStats::sessions);
        gauge(registry, pool, "session_preloaded", PoolStats::preloadedSessions);
        gauge(registry, pool, "launching", PoolStats::launching);
        gauge(registry, pool, "target", PoolStats::target);
        registry.gauge(Names.of("connections_active", "Open connections of clients"), connections, Connections::active);
        registry.gauge(
                Names.of("connections_limit", "Connections of clients that may be open"),
                connections,
                open -> open.limits().max());
        ConnectionMetrics.register(registry);
        registerCertificate(registry, certificate);
        registry.gauge(
                Names.of("audit_lines_lost", "Lines of the audit log that could not be written"),
                audit,
                AuditLog::lost);
        registry.gauge(Names.of("files_stored", "Files in the store"), store, FileStore::fileCount);
        registry.gauge(
                Names.of("store", "Bytes of the files in the store", MetricUnits.BYTES), store, FileStore::storedBytes);
    }

    private static void registerCertificate(MetricRegistry registry, CertificateReloader certificate) {
        if (certificate.isOn()) {
            registry.gauge(
                    Names.of(
                            "tls_certificate_not_after",
                            "When the certificate of the port expires, in seconds since 1970",
                            MetricUnits.SECONDS),
                    certificate,
                    served -> served.notAfter().map(Instant::getEpochSecond).orElse(0L));
            registry.gauge(
                    Names.of("tls_certificate_stale", "1 while TLS_CERT_FILE and TLS_KEY_FILE cannot be used"),
                    certificate,
                    served -> served.problem().isPresent() ? 1 : 0);
        }
    }

    private static void gauge(
            MetricRegistry registry, WarmPool pool, String state, Function<PoolStats, Integer> reading) {
        registry.gauge(
                Names.of("sandbox_pool_size", "Sandboxes of the warm pool"),
                pool,
                warm -> reading.apply(warm.stats()),
                Names.tags("state", state));
    }
}
