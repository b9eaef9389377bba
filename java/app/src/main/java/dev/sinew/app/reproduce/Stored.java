package dev.sinew.app.reproduce;

import dev.sinew.app.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A reproduction that was run, as it is kept in the results' folder: the page is made of these.
 *
 * @param key what the result depends on: seed, quick or full, and the program; another key makes it run again
 * @param html its words, tables and pictures
 * @param seconds it took
 * @param environment what it was run on
 */
record Stored(String id, String key, boolean quick, long seed, boolean passed, List<Findings.Check> checks, String html, double seconds,
        Map<String, String> environment) {
    private static final JsonMapper JSON = new JsonMapper();

    static Path file(Path folder, String id) {
        return folder.resolve(id + ".json");
    }

    void write(Path folder) throws IOException {
        WholeFile.write(file(folder, id), JSON.writeValueAsString(this));
    }

    /** What is kept of a reproduction; null when there is nothing, or nothing that can be read. */
    static Stored read(Path folder, String id) throws IOException {
        Path file = file(folder, id);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            return JSON.readValue(Files.readString(file), Stored.class);
        } catch (JacksonException | java.nio.charset.CharacterCodingException e) {
            return null;
        }
    }

    String target() {
        return String.join("; ", checks.stream().map(c -> c.what() + " " + c.target()).toList());
    }

    String measured() {
        return String.join("; ", checks.stream().map(c -> c.measured() + (c.passed() ? "" : " (" + c.what() + ": missed)")).toList());
    }
}
