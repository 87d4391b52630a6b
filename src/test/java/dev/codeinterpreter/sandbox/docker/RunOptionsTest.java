package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each option of PYTHON_EXECUTOR_DOCKER_RUN_ARGS as a row: what it makes of a container, or why it is refused. */
class RunOptionsTest {
    private static final String BIND =
            "[{\"Type\":\"bind\",\"Source\":\"/srv/data\",\"Target\":\"/data\",\"ReadOnly\":true,"
                    + "\"BindOptions\":{\"Propagation\":\"rprivate\",\"NonRecursive\":true}}]";
    private static final String VOLUME =
            "[{\"Type\":\"volume\",\"Source\":\"models\",\"Target\":\"/data\",\"ReadOnly\":true,"
                    + "\"VolumeOptions\":{\"NoCopy\":true}}]";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --label a=b                     | /Labels/a                       | "b"
            -l a                            | /Labels/a                       | ""
            --env A=b                       | /Env                            | ["A=b"]
            -e A=                           | /Env                            | ["A="]
            --hostname worker-1             | /Hostname                       | "worker-1"
            -h a.b                          | /Hostname                       | "a.b"
            --add-host db:10.0.0.1          | /HostConfig/ExtraHosts          | ["db:10.0.0.1"]
            --dns 10.0.0.2                  | /HostConfig/Dns                 | ["10.0.0.2"]
            --dns-search example.com        | /HostConfig/DnsSearch           | ["example.com"]
            --dns-search .                  | /HostConfig/DnsSearch           | ["."]
            --ulimit nofile=100:200         | /HostConfig/Ulimits/5           | {"Name":"nofile","Soft":100,"Hard":200}
            --cpuset-cpus 0-3,5             | /HostConfig/CpusetCpus          | "0-3,5"
            --runtime runsc                 | /HostConfig/Runtime             | "runsc"
            --shm-size 64m                  | /HostConfig/ShmSize             | 67108864
            --shm-size 1.5MiB               | /HostConfig/ShmSize             | 1572864
            --device-read-bps /dev/sda:1mb  | /HostConfig/BlkioDeviceReadBps  | [{"Path":"/dev/sda","Rate":1048576}]
            --device-write-bps /dev/sda:1b  | /HostConfig/BlkioDeviceWriteBps | [{"Path":"/dev/sda","Rate":1}]
            --device-read-iops /dev/sda:9   | /HostConfig/BlkioDeviceReadIOps | [{"Path":"/dev/sda","Rate":9}]
            --device-write-iops /dev/sda:9  | /HostConfig/BlkioDeviceWriteIOps | [{"Path":"/dev/sda","Rate":9}]
            """)
    void setsAFieldOfTheContainer(String arguments, String field, String value) {
        assertThat(create(arguments).getValue(field)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-v /srv/data:/data:ro",
                "--volume /srv//x/../data/:/data:ro",
                "--mount type=bind,source=/srv/data,target=/data,readonly",
                "--mount=type=bind,src=/srv/data,dst=/data/,ro=true",
                "--mount destination=/data,readonly=1,src=/srv/data,type=bind",
            })
    void mountsADirectoryForReading(String arguments) {
        assertThat(create(arguments).getValue("/HostConfig/Mounts")).hasToString(BIND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-v models:/data:ro", "--mount src=models,dst=/data,readonly"})
    void mountsAVolumeForReading(String arguments) {
        assertThat(create(arguments).getValue("/HostConfig/Mounts")).hasToString(VOLUME);
    }

    /** Both are parts of one limit: a larger /dev/shm takes nothing from the program. */
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "--memory 512m, 256",
        "-m 1g, 768",
        "--memory 536870912, 256",
        "--memory 16m, -240",
        "--shm-size 64m, 48",
        "--shm-size 1m --memory 257m, -14",
    })
    void countsMemoryInTheLimitOfTheContainer(String arguments, long megabytes) {
        JsonObject host = create(arguments).getJsonObject("HostConfig");
        long more = host.getJsonNumber("Memory").longValueExact()
                - create("").getJsonObject("HostConfig").getJsonNumber("Memory").longValueExact();
        assertThat(more).isEqualTo(megabytes << 20);
        assertThat(host.get("MemorySwap")).isEqualTo(host.get("Memory"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --gpus all                          | option --gpus is not accepted: all programs would share the device
            --device /dev/fuse                  | option --device is not accepted: all programs would share the device
            --privileged                        | option --privileged is not accepted: programs would have powers of root
            --cap-add SYS_ADMIN                 | option --cap-add is not accepted: programs would have powers of root
            --security-opt seccomp=unconfined   | option --security-opt is not accepted: a sandbox has the service's own
            --pid host                          | option --pid is not accepted: a sandbox shares no namespace
            --network host                      | option --network is not accepted: set PYTHON_EXECUTOR_DOCKER_NETWORK
            --net=host                          | option --net is not accepted: set PYTHON_EXECUTOR_DOCKER_NETWORK
            --cpus 4                            | option --cpus is not accepted: set CPU_LIMIT
            --pids-limit -1                     | option --pids-limit is not accepted: set PIDS_LIMIT
            --memory-swap -1                    | option --memory-swap is not accepted: a sandbox has no swap
            --tmpfs /data                       | option --tmpfs is not accepted: set WORKSPACE_SIZE_LIMIT
            --user 0                            | option --user is not accepted: each sandbox has a user of its own
            --group-add docker                  | option --group-add is not accepted: programs would have powers
            --volumes-from other                | option --volumes-from is not accepted: it can take over
            --entrypoint sh                     | option --entrypoint is not accepted: the service decides
            --sysctl net.ipv4.ip_forward=1      | option --sysctl is not accepted: the service sets
            -v /data                            | -v /data is not like /data:/data:ro
            -v /srv:/data                       | -v /srv:/data is not accepted: only what ends with :ro
            -v /srv:/data:rw                    | -v /srv:/data:rw is not accepted: only what ends with :ro
            -v /srv:/data:ro,Z                  | -v /srv:/data:ro,Z is not accepted: only what ends with :ro
            -v srv/data:/data:ro                | -v srv/data:/data:ro is not accepted: 'srv/data' is neither
            -v ./data:/data:ro                  | -v ./data:/data:ro is not accepted: './data' is neither
            -v /srv:data:ro                     | -v /srv:data:ro is not accepted: 'data' is no absolute path
            -v /:/host:ro                       | -v /:/host:ro is not accepted: / holds sockets
            -v /var:/host:ro                    | -v /var:/host:ro is not accepted: /var holds sockets
            -v /run/x:/x:ro                     | -v /run/x:/x:ro is not accepted: /run/x holds sockets
            -v /srv/../proc:/x:ro               | -v /srv/../proc:/x:ro is not accepted: /proc holds sockets
            -v /srv/docker.sock:/x:ro           | -v /srv/docker.sock:/x:ro is not accepted: /srv/docker.sock holds
            -v /srv:/:ro                        | -v /srv:/:ro is not accepted: / is the sandbox's own
            -v /srv:/workspace/in:ro            | -v /srv:/workspace/in:ro is not accepted: /workspace/in is the
            -v /srv:/x/../tmp:ro                | -v /srv:/x/../tmp:ro is not accepted: /tmp is the sandbox's own
            -v /srv:/proc/1:ro                  | -v /srv:/proc/1:ro is not accepted: /proc/1 is the sandbox's own
            -v /srv:/dev/shm:ro                 | -v /srv:/dev/shm:ro is not accepted: /dev/shm is the sandbox's own
            --mount src=a,dst=/a                | --mount src=a,dst=/a is not accepted: only with readonly
            --mount src=ab,dst=/a,ro=false      | --mount src=ab,dst=/a,ro=false is not accepted: only with readonly
            --mount type=tmpfs,dst=/a,ro        | --mount type=tmpfs,dst=/a,ro is not accepted: only the types bind
            --mount type=bind,ro,dst=/a,src=b   | --mount type=bind,ro,dst=/a,src=b is not accepted: 'b' is no absolute
            --mount dst=/a,ro                   | --mount dst=/a,ro is not accepted: '' is neither an absolute path
            --mount src=ab,dst=/a,ro,bind-propagation=shared | --mount src=ab,dst=/a,ro,bind-propagation=shared is not accepted: only type,
            --shm-size 0                        | --shm-size 0 is not a size from 1m to 1t
            --shm-size 2t                       | --shm-size 2t is not a size from 1m to 1t
            --shm-size -1                       | --shm-size -1 is not a size from 1m to 1t
            --memory 15m                        | --memory 15m is not a size from 16m to 1t
            --memory lots                       | --memory lots is not a size from 16m to 1t
            --memory 9999999999999p             | --memory 9999999999999p is not a size from 16m to 1t
            --cpuset-cpus 0-                    | --cpuset-cpus 0- is not a list of processors
            --cpuset-cpus all                   | --cpuset-cpus all is not a list of processors
            --hostname a_b                      | --hostname a_b is not a name of at most 63
            --hostname -a                       | --hostname -a is not a name of at most 63
            --dns-search a/b                    | --dns-search a/b is not a domain
            --env =x                            | the name of a variable is empty or has a blank in it
            --env-file /does/not/exist          | --env-file /does/not/exist is not a file that the service can read
            --env-file /proc                    | --env-file /proc is not a file that the service can read
            """)
    void refusesWithAReason(String arguments, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse(arguments))
                .withMessageStartingWith(message);
    }

    @Test
    void readsAFileOfVariablesAsDockerDoes(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("a.env"), """
                \uFEFF# a comment
                  A=1

                B="quoted"  \r
                C==x#y
                PATH
                NO_SUCH_VARIABLE_ANYWHERE
                D=of the file
                """);
        assertThat(RunArguments.parse("-e D=first --env-file " + file).environment())
                .isEqualTo(Map.of(
                        "A", "1", "B", "\"quoted\"  ", "C", "=x#y", "PATH", System.getenv("PATH"), "D", "first"));
    }

    /** What is wrong is said without the value, which may be a secret. */
    @ParameterizedTest
    @CsvSource({"'A=1\nB C=secret',2", "'=secret',1", "'A=1\n\n#\nx y',4"})
    void namesTheLineOfAFileThatIsWrong(String text, int line, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("a.env"), text);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--env-file " + file))
                .withMessage("--env-file %s, line %d: the name of a variable is empty or has a blank in it"
                        .formatted(file, line));
    }

    @Test
    void boundsVariables(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("a.env"), "A=" + "x".repeat(20_000));
        assertThat(RunArguments.parse("--env-file " + file).environment()).containsKey("A");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--env B=%s --env-file %s".formatted("x".repeat(20_000), file)))
                .withMessageEndingWith("more than 32768");
        Path large = Files.writeString(directory.resolve("b.env"), "#" + "x".repeat(65_536));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--env-file " + large))
                .withMessageEndingWith("has more than 65536 bytes");
    }

    @Test
    void refusesAFileThatIsNotText(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("a.env"), new byte[] {'A', '=', (byte) 0xff});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--env-file " + file))
                .withMessageEndingWith("is not UTF-8");
    }

    private static JsonObject create(String arguments) {
        Settings settings = new Settings(
                name -> name.equals("PYTHON_EXECUTOR_DOCKER_RUN_ARGS") ? Optional.of(arguments) : Optional.empty());
        DockerConfig config = DockerConfig.from(settings);
        settings.verify();
        SandboxSpec spec = new SandboxSpec(
                SandboxId.random(),
                "default",
                List.of("python3"),
                Map.of(),
                config.runArguments().limits(ResourceLimits.from(settings)),
                Instant.EPOCH);
        return new ContainerSpecs(config, "instance-1", "{}").create(spec, 200_123);
    }
}
