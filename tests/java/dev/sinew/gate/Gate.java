package dev.sinew.gate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Compares what was measured with the baselines, and takes new ones. */
final class Gate {
    /** A figure below its band is measured this many times more, and the median counts: noise passes, a regression stays. */
    private static final int MORE = 4;

    private final Path baselines;
    private final Appendable out;
    private final List<Table.Row> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Gate(Path baselines, Appendable out) {
        this.baselines = baselines;
        this.out = out;
    }

    List<Table.Row> rows() {
        return rows;
    }

    /** A sentence for each kernel that has become slower, naming it. */
    List<String> failures() {
        return failures;
    }

    /** Measures a part and compares. */
    void check(Part part) throws IOException, InterruptedException {
        out.append(part.title()).append("\n");
        Map<String, Expected> expected = Baselines.read(baselines.resolve(part.file())).of(part.machine());
        Map<String, List<Measured>> all = new LinkedHashMap<>();
        part.measure(Set.of()).forEach(m -> all.put(m.name(), new ArrayList<>(List.of(m))));
        Set<String> suspects = expected == null || part.repeats() == 1 ? Set.of() : slower(expected, all);
        if (!suspects.isEmpty()) {
            out.append("below the band, measured again: ").append(String.join("; ", suspects)).append("\n");
            for (int i = 0; i < MORE; i++) {
                part.measure(suspects).forEach(m -> all.get(m.name()).add(m));
            }
        }
        Map<String, Measured> medians = new LinkedHashMap<>();
        all.forEach((name, list) -> {
            list.sort(Comparator.comparingDouble(Measured::value));
            medians.put(name, list.get(list.size() / 2));
        });
        judge(part, expected, medians);
    }

    private static Set<String> slower(Map<String, Expected> expected, Map<String, List<Measured>> measured) {
        Set<String> names = new LinkedHashSet<>();
        measured.forEach((name, list) -> {
            if (expected.containsKey(name) && expected.get(name).judge(list.getFirst()) == Verdict.SLOWER) {
                names.add(name);
            }
        });
        return names;
    }

    private void judge(Part part, Map<String, Expected> expected, Map<String, Measured> measured) throws IOException {
        List<Table.Row> mine = new ArrayList<>();
        measured.forEach((name, m) -> {
            Expected e = expected == null ? null : expected.get(name);
            Verdict verdict = expected == null ? Verdict.NO_BASELINE : e == null ? Verdict.NEW : e.judge(m);
            mine.add(new Table.Row(m, e, verdict));
            if (verdict == Verdict.SLOWER) {
                failures.add(String.format(Locale.ROOT, "%s (%s, %s): %.1f %% slower than its baseline, the band is %.1f %%", name, m.shape(), part.title(),
                        100 * (1 - m.beside(e.value())), 100 * e.band()));
            }
        });
        out.append(Table.text(mine));
        if (expected == null) {
            out.append("There is no baseline for this machine (").append(part.machine()).append(") in ").append(part.file()).append("; accept one with ")
                    .append(GateMain.ACCEPT).append("\n");
        } else {
            expected.keySet().stream().filter(name -> part.owns(name) && !measured.containsKey(name))
                    .forEach(name -> failures.add(name + " (" + part.title() + ") has a baseline and was not measured; if it is gone for good: " + GateMain.ACCEPT));
        }
        rows.addAll(mine);
        out.append("\n");
    }

    /** Measures a part several times and takes that for its baselines. */
    void accept(Part part) throws IOException, InterruptedException {
        out.append(part.title()).append("\n");
        Map<String, List<Double>> values = new LinkedHashMap<>();
        Map<String, Measured> last = new HashMap<>();
        for (int i = 0; i < part.repeats(); i++) {
            for (Measured m : part.measure(Set.of())) {
                values.computeIfAbsent(m.name(), _ -> new ArrayList<>()).add(m.value());
                last.put(m.name(), m);
            }
        }
        Map<String, Expected> accepted = new LinkedHashMap<>();
        values.forEach((name, list) -> {
            accepted.put(name, Expected.of(part.narrowest(), list.stream().mapToDouble(v -> v).toArray()));
            rows.add(new Table.Row(last.get(name), accepted.get(name), accepted.get(name).judge(last.get(name))));
        });
        Baselines file = Baselines.read(baselines.resolve(part.file()));
        List<String> changes = file.accept(part.machine(), accepted, part::owns);
        file.write();
        for (String change : changes) {
            out.append("  ").append(change).append("\n");
        }
        out.append(changes.isEmpty() ? "  nothing changed\n" : "").append("\n");
    }
}
