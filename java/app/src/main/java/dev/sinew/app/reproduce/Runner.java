package dev.sinew.app.reproduce;

import dev.sinew.Seed;
import dev.sinew.app.Environment;
import dev.sinew.app.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs reproductions one after the other, keeps each result in a folder as soon as it is there, and makes the page anew. What
 * is there already from the same program, seed and mode is not run again.
 *
 * @param folder of the results and of the page, {@code index.html}
 * @param seed of all
 * @param quick whether there is little time
 * @param again whether everything is run anew
 * @param data folders of data sets by name
 * @param out gets a line for each
 * @param progress is told how far it is
 */
public record Runner(Path folder, Seed seed, boolean quick, boolean again, Map<String, Path> data, PrintWriter out, Consumer<String> progress) {

    /** Runs them; whether all passed. */
    public boolean run(List<Reproduction> systems) throws IOException {
        boolean passed = true;
        Files.createDirectories(folder);
        for (Reproduction system : systems) {
            Stored kept = again ? null : Stored.read(folder, system.id());
            boolean reused = kept != null && kept.key().equals(key(system));
            Stored result = reused ? kept : run(system);
            out.printf(Locale.ROOT, "%s  %s  %s  %s%s%n", system.id(), result.target(), result.measured(), result.passed() ? "pass" : "fail",
                    reused ? "  (kept)" : String.format(Locale.ROOT, "  (%.1f s)", result.seconds()));
            out.flush();
            passed &= result.passed();
        }
        return passed;
    }

    private String key(Reproduction system) {
        return "seed " + seed.value() + (quick ? " quick " : " full ") + data + " " + Integer.toHexString(Sources.of(system).toString().hashCode());
    }

    private Stored run(Reproduction system) throws IOException {
        Findings findings = new Findings();
        Path own = folder.resolve(system.id());
        long begun = System.nanoTime();
        system.run(new Lab(seed, quick, own, data, words -> progress.accept(system.id() + ": " + words)), findings);
        Stored result = new Stored(system.id(), key(system), quick, seed.value(), findings.passed(), findings.checks(), findings.html(),
                (System.nanoTime() - begun) / 1e9, Environment.describe());
        result.write(folder);
        deleteFolder(own);
        writePage();
        return result;
    }

    /** Everything that is kept, in the catalogue's order. */
    private void writePage() throws IOException {
        List<Page.Entry> entries = new ArrayList<>();
        for (Reproduction system : Catalogue.all()) {
            Stored kept = Stored.read(folder, system.id());
            if (kept != null) {
                entries.add(new Page.Entry(system, kept));
            }
        }
        WholeFile.write(folder.resolve("index.html"), Page.of(entries));
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
