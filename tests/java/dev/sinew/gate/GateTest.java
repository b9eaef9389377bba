package dev.sinew.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the regression gate concludes from figures that are given here. */
class GateTest {
    private static final String MACHINE = "a CPU, 1 thread";

    @TempDir
    private Path folder;

    private final StringBuilder out = new StringBuilder();

    /** A part whose measurements are made up: one map of names to values for each time it is asked. */
    private static final class Fake implements Part {
        private final boolean instructions;
        private final Deque<Map<String, Double>> values = new ArrayDeque<>();
        private final List<Set<String>> asked = new ArrayList<>();

        Fake(boolean instructions, List<Map<String, Double>> values) {
            this.instructions = instructions;
            this.values.addAll(values);
        }

        @Override
        public String title() {
            return "made up";
        }

        @Override
        public String file() {
            return "fake.json";
        }

        @Override
        public String machine() {
            return MACHINE;
        }

        @Override
        public double narrowest() {
            return instructions ? 0.01 : 0.05;
        }

        @Override
        public int repeats() {
            return instructions ? 1 : 3;
        }

        @Override
        public boolean owns(String name) {
            return !name.startsWith("another's");
        }

        @Override
        public List<Measured> measure(Set<String> names) {
            asked.add(names);
            List<Measured> result = new ArrayList<>();
            values.remove().forEach((name, value) -> {
                if (names.isEmpty() || names.contains(name)) {
                    result.add(measured(name, value, instructions));
                }
            });
            return result;
        }
    }

    private static Measured measured(String name, double value, boolean instructions) {
        return new Measured(name, "8x8", "avx2", 1, value * 100, instructions ? Measured.INSTRUCTIONS : "GB/s", 0.5, "copy", value);
    }

    /** Every time the same values are measured. */
    private Gate check(boolean instructions, Map<String, Double> values) throws Exception {
        Gate gate = new Gate(folder, out);
        gate.check(new Fake(instructions, Collections.nCopies(5, values)));
        return gate;
    }

    private void baseline(String entries) throws IOException {
        Files.writeString(folder.resolve("fake.json"), "{\"" + MACHINE + "\": {" + entries + "}}");
    }

    // ---- verdicts ----

    @ParameterizedTest
    @CsvSource({"0.96, false, OK", "0.94, false, SLOWER", "1.04, false, OK", "1.06, false, FASTER",
        "1.04, true, OK", "1.06, true, SLOWER", "0.94, true, FASTER"})
    void verdicts(double value, boolean instructions, Verdict verdict) {
        assertThat(new Expected(1, 0.05).judge(measured("k", value, instructions))).isEqualTo(verdict);
    }

    @Test
    void theBandComesFromTheRepeatsWithinBounds() {
        assertThat(Expected.of(0.05, 1, 1.01, 0.99)).isEqualTo(new Expected(1, 0.05));
        Expected noisy = Expected.of(0.05, 1, 0.95, 1.02);
        assertThat(noisy.value()).isEqualTo(1);
        assertThat(noisy.band()).isBetween(0.1, 0.102);
        assertThat(Expected.of(0.05, 0.5, 1, 2).band()).isEqualTo(Expected.WIDEST);
        // whatever the repeats were, a slowdown of a fifth is seen
        assertThat(Expected.of(0.05, 0.5, 1, 2).judge(measured("k", 1 / 1.2, false))).isEqualTo(Verdict.SLOWER);
    }

    // ---- the gate ----

    @Test
    void aSlowerKernelIsNamedAndNoOther() throws Exception {
        baseline("\"maxpool\": {\"value\": 1, \"band\": 0.05}, \"adam\": {\"value\": 2, \"band\": 0.1}");
        Map<String, Double> slow = Map.of("maxpool", 0.83, "adam", 1.9);
        Gate gate = check(false, slow);
        assertThat(gate.failures()).hasSize(1);
        assertThat(gate.failures().getFirst()).startsWith("maxpool (8x8, made up): 17.0 % slower").contains("the band is 5.0 %");
        assertThat(out.toString()).containsPattern("maxpool .*SLOWER -17.0 %").containsPattern("adam .*ok -5.0 %");
    }

    @Test
    void noiseIsMeasuredAgainAloneAndPasses() throws Exception {
        baseline("\"maxpool\": {\"value\": 1, \"band\": 0.05}, \"adam\": {\"value\": 2, \"band\": 0.1}");
        List<Double> again = List.of(0.97, 0.7, 1.01, 0.96);
        List<Map<String, Double>> values = new ArrayList<>(List.of(Map.of("maxpool", 0.8, "adam", 2.0)));
        again.forEach(value -> values.add(Map.of("maxpool", value)));
        Fake part = new Fake(false, values);
        Gate gate = new Gate(folder, out);
        gate.check(part);
        assertThat(gate.failures()).isEmpty();
        assertThat(part.asked).startsWith(Set.of(), Set.of("maxpool")).hasSize(5);
        assertThat(gate.rows()).extracting(row -> row.measured().value()).containsExactlyInAnyOrder(0.96, 2.0);
    }

    @Test
    void oneLuckyMeasurementDoesNotHideARegression() throws Exception {
        baseline("\"maxpool\": {\"value\": 1, \"band\": 0.05}");
        Gate gate = new Gate(folder, out);
        gate.check(new Fake(false, List.of(Map.of("maxpool", 0.83), Map.of("maxpool", 1.2), Map.of("maxpool", 0.84), Map.of("maxpool", 0.96), Map.of("maxpool", 0.82))));
        assertThat(gate.failures()).singleElement().asString().startsWith("maxpool (8x8, made up): 16.0 % slower");
    }

    @Test
    void moreInstructionsAreSlower() throws Exception {
        baseline("\"maxpool\": {\"value\": 1000, \"band\": 0.01}");
        assertThat(check(true, Map.of("maxpool", 1009.0)).failures()).isEmpty();
        assertThat(check(true, Map.of("maxpool", 900.0)).failures()).isEmpty();
        Map<String, Double> more = Map.of("maxpool", 1011.0);
        assertThat(check(true, more).failures()).singleElement().asString().startsWith("maxpool");
    }

    @Test
    void anUnknownMachineIsToldHowToAcceptABaseline() throws Exception {
        Files.writeString(folder.resolve("fake.json"), "{\"another CPU, 1 thread\": {\"maxpool\": {\"value\": 9, \"band\": 0.05}}}");
        Gate gate = check(false, Map.of("maxpool", 1.0));
        assertThat(gate.failures()).isEmpty();
        assertThat(out.toString()).contains("no baseline for this machine (" + MACHINE + ") in fake.json").contains("mvn -Pbench verify -Dbench.accept");
    }

    @Test
    void whatIsNewPassesAndWhatIsMissingDoesNot() throws Exception {
        baseline("\"maxpool\": {\"value\": 1, \"band\": 0.05}, \"another's\": {\"value\": 1, \"band\": 0.05}");
        Gate gate = check(false, Map.of("adam", 1.0));
        assertThat(gate.failures()).singleElement().asString().startsWith("maxpool").contains("was not measured");
        assertThat(gate.rows()).singleElement().extracting(Table.Row::verdict).isEqualTo(Verdict.NEW);
    }

    // ---- accepting ----

    @Test
    void acceptingPrintsOldAndNewAndWritesWhatTheGateThenReads() throws Exception {
        Files.writeString(folder.resolve("fake.json"), "{\"other\": {\"k\": {\"value\": 3, \"band\": 0.05}}, \"" + MACHINE
                + "\": {\"maxpool\": {\"value\": 1, \"band\": 0.05}, \"old\": {\"value\": 1, \"band\": 0.05}, \"same\": {\"value\": 0.25, \"band\": 0.05},"
                + " \"another's\": {\"value\": 1, \"band\": 0.05}}}");
        Map<String, Double> now = Map.of("maxpool", 1.5, "adam", 2.0, "same", 0.25);
        Gate gate = new Gate(folder, out);
        gate.accept(new Fake(false, List.of(now, now, now)));
        assertThat(out.toString()).contains("maxpool: 1.000 (5.0 %) -> 1.500 (5.0 %)").contains("adam: none -> 2.000 (5.0 %)")
                .contains("old: 1.000 (5.0 %) -> gone").doesNotContain("same").doesNotContain("another's");
        Baselines written = Baselines.read(folder.resolve("fake.json"));
        assertThat(written.of(MACHINE)).containsOnlyKeys("adam", "another's", "maxpool", "same");
        assertThat(written.of(MACHINE).get("maxpool")).isEqualTo(new Expected(1.5, 0.05));
        assertThat(written.of("other").get("k")).isEqualTo(new Expected(3, 0.05));
        assertThat(check(false, now).failures()).isEmpty();
    }

    @Test
    void acceptingTheSameChangesNothing() throws Exception {
        Map<String, Double> now = Map.of("maxpool", 1234567.0);
        new Gate(folder, out).accept(new Fake(true, List.of(now)));
        String first = Files.readString(folder.resolve("fake.json"));
        new Gate(folder, out).accept(new Fake(true, List.of(now)));
        assertThat(out.toString()).endsWith("nothing changed\n\n");
        assertThat(Files.readString(folder.resolve("fake.json"))).isEqualTo(first).contains("1234567");
    }

    // ---- texts ----

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"a\": 3}", "{\"a\": {\"k\": {\"value\": 1}}}", "{\"a\": {\"k\": {\"value\": 0, \"band\": 0.1}}}",
        "{\"a\": {\"k\": {\"value\": 1, \"band\": 1}}}", "{\"a\": {\"k\": {\"value\": \"1\", \"band\": 0.1}}}"})
    void damagedBaselinesAreNotTakenForNone(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("fake.json"), text);
        assertThatThrownBy(() -> Baselines.read(file)).isInstanceOf(IOException.class).hasMessageContaining("fake.json");
    }

    @Test
    void linesOfTheProgram() {
        Measured m = Measured.parse("maxpool forward\t32x56x56x64, 2x2\t17.110\tGB/s\t0.387520\tcopy\t0.387520", "avx512", 2);
        assertThat(m).isEqualTo(new Measured("maxpool forward", "32x56x56x64, 2x2", "avx512", 2, 17.11, "GB/s", 0.38752, "copy", 0.38752));
        assertThatThrownBy(() -> Measured.parse("gate_bench: maxpool: out of memory", "avx2", 1)).hasMessageContaining("out of memory");
    }

    @Test
    void linesOfCallgrind() {
        List<String> lines = List.of("==7== Callgrind, a call-graph generating cache profiler", "1x14x14x64 to 64, 3x3", "==7== Events    : Ir",
                "==7== Collected : 2157728");
        assertThat(Instructions.parse("conv2d", lines)).extracting(Measured::shape, Measured::value).containsExactly("1x14x14x64 to 64, 3x3", 2157728.0);
        assertThatThrownBy(() -> Instructions.parse("conv2d", List.of("==7== Collected : 0"))).hasMessageContaining("conv2d");
    }

    @Test
    void tableAndJson() {
        List<Table.Row> rows = List.of(new Table.Row(measured("maxpool", 0.25, false), new Expected(0.2, 0.05), Verdict.FASTER),
                new Table.Row(measured("adam", 2e6, true), null, Verdict.NEW));
        List<String> lines = Table.text(rows).lines().toList();
        assertThat(lines.getFirst()).startsWith("kernel").contains("threads", "of peak", "ratio", "baseline", "band");
        assertThat(lines.get(1)).startsWith("maxpool  8x8").contains("GB/s", "50.0 %", "copy", "0.25", "0.2", "5.0 %").endsWith("faster +25.0 %");
        assertThat(lines.get(2)).contains("instructions").endsWith("new");
        Map<?, ?> json = (Map<?, ?>) Json.parse(Table.json("a CPU", rows));
        assertThat((List<?>) json.get("rows")).hasSize(2).first().asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("name", "maxpool").containsEntry("verdict", "faster").containsEntry("baseline", 0.2);
    }
}
