package dev.sinew.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The list of a jar's contents names what is carried beside Maven's artifacts. */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class BomTest {
    private static final String LIST = """
            {
              "metadata" : {
                "tools" : {
                  "components" : [
                    {
                      "name" : "a tool"
                    }
                  ]
                }
              },
            %s  "dependencies" : [ ]
            }""";
    private static final String SUM = "a93ec41b336a895a7f0d7b789d66f6fc816de1a5ad0da37e8cfc428d7e9f8dd4";

    @TempDir
    private Path folder;
    private Path bom;

    @BeforeEach
    void index() throws IOException {
        bom = folder.resolve("bom.json");
        write("linux-x86_64", "libsinew.so", "libgcc_s.so.1", "libgfortran.so.5", "libopenblas.so.0", "libquadmath.so.0");
        write("macosx-arm64", "libsinew.dylib", "libopenblas.0.dylib", "libgfortran.5.dylib", "libgcc_s.1.1.dylib");
        write("windows-x86_64", "sinew.dll", "libopenblas.dll");
    }

    private void write(String platform, String... files) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String file : files) {
            lines.append(SUM).append("  ").append(file).append('\n');
        }
        Files.createDirectories(folder.resolve(platform));
        Files.writeString(folder.resolve(platform).resolve("index"), lines);
    }

    private record Run(int code, String output) {}

    private Run run(String... platforms) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                root().resolve("bindings/natives/Bom.java").toString(), bom.toString(), folder.toString(), "0.3.31-1.5.13"));
        command.addAll(List.of(platforms));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("bindings/natives"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> components() throws IOException {
        return (List<Map<String, Object>>) ((Map<String, Object>) Json.parse(Files.readString(bom))).get("components");
    }

    @Test
    void librariesAreAddedToWhatTheListHas() throws IOException, InterruptedException {
        Files.writeString(bom, LIST.formatted("  \"components\" : [\n    {\n      \"name\" : \"another\"\n    }\n  ],\n"));
        assertThat(run("linux-x86_64", "linux-arm64", "macosx-arm64", "windows-x86_64")).isEqualTo(new Run(0, ""));
        assertThat(components()).extracting(c -> c.get("name")).containsExactly("libgcc_s", "libgfortran", "OpenBLAS", "libquadmath",
                "OpenBLAS", "libgfortran", "libgcc_s", "OpenBLAS", "another");
        assertThat(components().subList(0, 8)).extracting(c -> c.get("version")).containsExactly("1", "5", "0.3.31", "0", "0.3.31", "5", "1",
                "0.3.31");
        assertThat(components().subList(0, 8)).extracting(c -> c.get("bom-ref")).doesNotHaveDuplicates();
        assertThat(components().getFirst()).containsEntry("licenses", List.of(Map.of("expression", "GPL-3.0-or-later WITH GCC-exception-3.1")))
                .containsEntry("hashes", List.of(Map.of("alg", "SHA-256", "content", SUM)));
        assertThat(components().get(2)).containsEntry("purl", "pkg:maven/org.bytedeco/openblas@0.3.31-1.5.13?classifier=linux-x86_64&type=jar");
        assertThat(components().get(3)).containsEntry("licenses", List.of(Map.of("expression", "LGPL-2.1-or-later")));
    }

    @Test
    void anEmptyListIsFilled() throws IOException, InterruptedException {
        Files.writeString(bom, LIST.formatted(""));
        assertThat(run("windows-x86_64")).isEqualTo(new Run(0, ""));
        assertThat(components()).extracting(c -> c.get("name")).containsExactly("OpenBLAS");
    }

    @Test
    void aPlatformThatWasNotBuiltAddsNothing() throws IOException, InterruptedException {
        String text = LIST.formatted("");
        Files.writeString(bom, text);
        assertThat(run("linux-arm64")).isEqualTo(new Run(0, ""));
        assertThat(bom).hasContent(text);
    }

    @Test
    void anUnknownLibraryIsAnError() throws IOException, InterruptedException {
        Files.writeString(bom, LIST.formatted(""));
        write("linux-arm64", "libsinew.so", "libother.so.1");
        Run run = run("linux-arm64");
        assertThat(run.code()).isNotZero();
        assertThat(run.output()).contains("libother.so.1 of linux-arm64 is carried, and Bom.java does not know it");
    }
}
