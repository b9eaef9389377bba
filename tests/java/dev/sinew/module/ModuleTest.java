package dev.sinew.module;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The library as others use it: on the module path. */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class ModuleTest {
    private static final Path ROOT = Path.of(System.getProperty("sinew.golden", "tests/golden/data")).toAbsolutePath().resolve("../../..").normalize();
    private static final Path CORE = ROOT.resolve("java/core/src/main/java");

    /** Every public class of another package than the internal one can be used from outside. */
    @Test
    void everyPackageWithPublicClassesIsExported() throws IOException {
        Set<String> wanted = new TreeSet<>();
        try (Stream<Path> files = Files.walk(CORE)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java") && !f.endsWith("module-info.java")).toList()) {
                String name = CORE.relativize(file.getParent()).toString().replace('/', '.').replace('\\', '.');
                if (!name.contains(".internal") && Files.readString(file).lines().anyMatch(line -> line.startsWith("public "))) {
                    wanted.add(name);
                }
            }
        }
        Set<String> exported = Files.readString(CORE.resolve("module-info.java")).lines().map(String::strip).filter(line -> line.startsWith("exports "))
                .map(line -> line.substring("exports ".length(), line.length() - 1)).collect(Collectors.toCollection(TreeSet::new));
        assertThat(exported).isEqualTo(wanted);
    }

    /** A program in a module of its own, with a layer of its own, is compiled against the modules and runs. */
    @Test
    void aProgramInAModuleOfItsOwn(@TempDir Path folder) throws IOException, InterruptedException {
        Path classes = folder.resolve("classes");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        String bindings = ROOT.resolve("bindings/src/main/java") + System.getProperty("path.separator") + ROOT.resolve("bindings/src/generated/java");
        List<String> options = List.of("-d", classes.toString(), "-proc:none", "-nowarn", "--module-source-path", "dev.sinew=" + CORE,
                "--module-source-path", "dev.sinew.bindings=" + bindings, "--module-source-path", "user=" + ROOT.resolve("tests/module"),
                "--module", "user,dev.sinew,dev.sinew.bindings");
        boolean compiled = compiler.getTask(messages, null, null, options, null, null).call();
        assertThat(compiled).as(messages.toString()).isTrue();
        Path output = folder.resolve("output.txt");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Stream<String> properties = System.getProperties().stringPropertyNames().stream().filter(name -> name.startsWith("sinew."))
                .map(name -> "-D" + name + "=" + System.getProperty(name));
        // the libraries are in modules that nobody requires; the tests run with them
        String modules = Stream.concat(Stream.of(classes.toString()), Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> path.contains("sinew-natives-") || path.contains("natives" + File.separator))).collect(Collectors.joining(File.pathSeparator));
        List<String> command = Stream.of(Stream.of(java.toString(), "--enable-native-access=dev.sinew.bindings,dev.sinew"), properties,
                Stream.of("--module-path", modules, "--module", "user/user.Main")).flatMap(s -> s).toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0).as(Files.readString(output)).isTrue();
        assertThat(Files.readString(output)).contains("accuracy", "scale1");
    }
}
