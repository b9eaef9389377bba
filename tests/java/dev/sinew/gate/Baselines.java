package dev.sinew.gate;

import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file of baselines: for each machine (a kind of CPU with a number of threads, or a compiler) a map from names to what
 * is expected.
 */
final class Baselines {
    private final Path file;
    private final Map<String, Map<String, Expected>> machines = new TreeMap<>();

    private Baselines(Path file) {
        this.file = file;
    }

    /** Reads a file; none gives no baselines. */
    static Baselines read(Path file) throws IOException {
        Baselines baselines = new Baselines(file);
        if (!Files.exists(file)) {
            return baselines;
        }
        try {
            ((Map<?, ?>) Json.parse(Files.readString(file))).forEach((machine, entries) -> {
                Map<String, Expected> expected = new TreeMap<>();
                ((Map<?, ?>) entries).forEach((name, entry) -> expected.put((String) name, expected((Map<?, ?>) entry)));
                baselines.machines.put((String) machine, expected);
            });
        } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
            throw new IOException(file + " is not a file of baselines: " + e.getMessage(), e);
        }
        return baselines;
    }

    private static Expected expected(Map<?, ?> entry) {
        double value = ((Number) entry.get("value")).doubleValue();
        double band = ((Number) entry.get("band")).doubleValue();
        if (!(value > 0) || !(band >= 0 && band < 1)) {
            throw new IllegalArgumentException("value " + value + ", band " + band);
        }
        return new Expected(value, band);
    }

    /** What is expected on that machine, by name; null where nothing is known of it. */
    Map<String, Expected> of(String machine) {
        return machines.get(machine);
    }

    /**
     * Takes these for a machine's baselines: in addition to those it has, or in their place.
     *
     * @param measuredToo names that could have been measured; entries of others stay, too
     * @return a line for every entry that has changed, old and new
     */
    List<String> accept(String machine, Map<String, Expected> accepted, java.util.function.Predicate<String> measuredToo) {
        Map<String, Expected> entries = machines.computeIfAbsent(machine, _ -> new TreeMap<>());
        List<String> changes = new ArrayList<>();
        new TreeMap<>(accepted).forEach((name, now) -> {
            Expected before = entries.put(name, now);
            if (before == null) {
                changes.add(name + ": none -> " + text(now));
            } else if (!text(before).equals(text(now))) {
                changes.add(name + ": " + text(before) + " -> " + text(now));
            }
        });
        for (Iterator<Map.Entry<String, Expected>> i = entries.entrySet().iterator(); i.hasNext();) {
            Map.Entry<String, Expected> entry = i.next();
            if (!accepted.containsKey(entry.getKey()) && measuredToo.test(entry.getKey())) {
                changes.add(entry.getKey() + ": " + text(entry.getValue()) + " -> gone");
                i.remove();
            }
        }
        return changes;
    }

    private static String text(Expected e) {
        return number(e.value()) + " (" + String.format(Locale.ROOT, "%.1f", 100 * e.band()) + " %)";
    }

    private static String number(double value) {
        return value >= 1000 ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.4g", value);
    }

    void write() throws IOException {
        StringBuilder text = new StringBuilder("{");
        String between = "\n";
        for (Map.Entry<String, Map<String, Expected>> machine : machines.entrySet()) {
            text.append(between).append("  \"").append(machine.getKey()).append("\": {");
            between = "\n";
            for (Map.Entry<String, Expected> entry : machine.getValue().entrySet()) {
                text.append(between).append("    \"").append(entry.getKey()).append("\": {\"value\": ").append(number(entry.getValue().value()))
                        .append(String.format(Locale.ROOT, ", \"band\": %.3f}", entry.getValue().band()));
                between = ",\n";
            }
            text.append("\n  }");
            between = ",\n";
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text.append("\n}\n"));
    }
}
