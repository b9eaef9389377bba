package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinew.Cpu;
import dev.sinew.app.reproduce.Catalogue;
import dev.sinew.app.reproduce.Reproduction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReproduceTest {
    @TempDir
    private static Path folder;

    static List<String> systems() {
        return Catalogue.all().stream().map(Reproduction::id).toList();
    }

    @ParameterizedTest
    @MethodSource("systems")
    void reachesItsTargets(String id) throws IOException {
        assumeTrue(Cpu.isa() == Cpu.detectedIsa(), "the trainings are the same on every instruction set: only the best one is tried");
        Cli cli = Cli.run("reproduce", id, "--quick", "--out", folder);
        assumeFalse(cli.err().contains("dataset-fashion-mnist"), "Fashion-MNIST is not installed (Debian's package dataset-fashion-mnist)");
        assertThat(cli.code()).as(cli.out() + cli.err()).isZero();
        assertThat(cli.fromEnd(2)).startsWith(id + "  ").contains("  pass");
        assertThat(Files.readString(folder.resolve("index.html"))).contains("id=\"" + id + "\"").contains("class " + className(id));
    }

    private static String className(String id) {
        return Catalogue.all().stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow().getClass().getSimpleName();
    }

    @Test
    void aResultIsKept(@TempDir Path own) {
        assertThat(Cli.run("reproduce", "xor", "--quick", "--out", own).fromEnd(2)).endsWith(" s)");
        assertThat(Cli.run("reproduce", "xor", "--quick", "--out", own).fromEnd(2)).endsWith("(kept)");
        assertThat(Cli.run("reproduce", "xor", "--quick", "--out", own, "--again").fromEnd(2)).endsWith(" s)");
        assertThat(Cli.run("reproduce", "xor", "--quick", "--seed", 8, "--out", own).fromEnd(2)).endsWith(" s)");
    }

    @Test
    void aDamagedResultIsMadeAnew(@TempDir Path own) throws IOException {
        Cli.run("reproduce", "xor", "--quick", "--out", own);
        Files.writeString(own.resolve("xor.json"), "{\"id\":");
        assertThat(Cli.run("reproduce", "xor", "--quick", "--out", own).fromEnd(2)).endsWith(" s)");
    }

    @Test
    void thePageNeedsNothingButItself(@TempDir Path own) throws IOException {
        Cli.run("reproduce", "xor", "--quick", "--out", own);
        assertThat(Files.readString(own.resolve("index.html"))).doesNotContain("src=\"http").doesNotContain("url(").doesNotContain("<script")
                .doesNotContain("<link").contains("data:image/png;base64,");
    }

    @Test
    void mistakes() {
        assertThat(Cli.run("reproduce", "xorr").err()).contains("there is no reproduction 'xorr'").contains("xor");
        assertThat(Cli.run("reproduce", "xorr").code()).isEqualTo(2);
        assertThat(Cli.run("reproduce").out().getFirst()).contains("  ");
    }

    @Test
    void identifiersAreWordsAndDiffer() {
        assertThat(systems()).doesNotHaveDuplicates().allMatch(id -> id.matches("[a-z0-9][a-z0-9-]*"));
        assertThat(Catalogue.all()).allSatisfy(s -> {
            assertThat(s.title()).isNotBlank();
            assertThat(s.about().length()).as(s.id()).isBetween(80, 900);
        });
    }
}
