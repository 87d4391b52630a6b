package dev.codeinterpreter;

import dev.codeinterpreter.answer.EventChannel;
import dev.codeinterpreter.auth.AccessFilter;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.docs.DocsResource;
import dev.codeinterpreter.error.ErrorMapper;
import dev.codeinterpreter.execution.ExecuteResource;
import dev.codeinterpreter.execution.PoolHintFilter;
import dev.codeinterpreter.files.FilesResource;
import dev.codeinterpreter.health.HealthResource;
import dev.codeinterpreter.inventory.InventoryResource;
import dev.codeinterpreter.mcp.McpFilter;
import dev.codeinterpreter.mcp.McpResource;
import dev.codeinterpreter.playground.PlaygroundFilter;
import dev.codeinterpreter.playground.PlaygroundResource;
import dev.codeinterpreter.server.BrokenAnswerFilter;
import dev.codeinterpreter.server.MethodFilter;
import dev.codeinterpreter.server.PathParametersFilter;
import dev.codeinterpreter.server.RawBodyInterceptor;
import dev.codeinterpreter.server.UnreadBodyFilter;
import dev.codeinterpreter.session.SessionCommandsResource;
import dev.codeinterpreter.session.SessionFilesResource;
import dev.codeinterpreter.session.SessionsResource;
import dev.codeinterpreter.usage.UsageResource;
import dev.codeinterpreter.wire.JsonOutput;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;

/** All of the service that HTTP can reach. Read on in the resources, and in the package-info files. */
@SingleInstance
@ApplicationPath("/")
public class CodeInterpreterApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(
                DocsResource.class,
                ExecuteResource.class,
                FilesResource.class,
                HealthResource.class,
                InventoryResource.class,
                PlaygroundResource.class,
                McpResource.class,
                SessionsResource.class,
                SessionCommandsResource.class,
                SessionFilesResource.class,
                UsageResource.class,
                AccessFilter.class,
                PlaygroundFilter.class,
                PoolHintFilter.class,
                McpFilter.class,
                ErrorMapper.class,
                BrokenAnswerFilter.class,
                MethodFilter.class,
                PathParametersFilter.class,
                RawBodyInterceptor.class,
                UnreadBodyFilter.class,
                JsonOutput.class,
                EventChannel.EventWriter.class);
    }

    /** Bodies that are pictures or XML: none here, and the image's Java has no pictures. */
    @Override
    public Map<String, Object> getProperties() {
        return Map.of("jersey.config.disableDefaultProvider", "ALL");
    }
}
