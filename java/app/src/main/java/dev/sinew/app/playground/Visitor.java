package dev.sinew.app.playground;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/** One open page: a training for each of its tabs. */
final class Visitor implements AutoCloseable {
    private final Map<String, Study> studies;
    private volatile long seen = System.nanoTime();

    Visitor(Rounds rounds) {
        studies = Map.of("classify", new Classify(rounds), "draw", new Draw(rounds), "paint", new Paint(rounds));
    }

    Map<String, Object> handle(String study, String action, JsonNode body) {
        Study chosen = studies.get(study);
        if (chosen == null) {
            throw Mistake.of("There is no %s here.", study);
        }
        return chosen.handle(action, body);
    }

    void isHere() {
        seen = System.nanoTime();
    }

    /** For how long nothing was heard of the page, in seconds. */
    long awaySeconds() {
        return (System.nanoTime() - seen) / 1_000_000_000L;
    }

    @Override
    public void close() {
        studies.values().forEach(Study::close);
    }
}
