package dev.sinew.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of a set of weights that was loaded into a net by names.
 *
 * @param loaded the parameters that were overwritten
 * @param missing the parameters without a value of their name: they are as they were
 * @param otherShape the parameters with a value of another shape, with both shapes: likewise
 * @param unused the names of values that no parameter has
 */
public record Loaded(List<String> loaded, List<String> missing, Map<String, String> otherShape, List<String> unused) {
    private static final int MOST_NAMED = 8;

    /** Copies the lists. */
    public Loaded {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        otherShape = Collections.unmodifiableMap(new LinkedHashMap<>(otherShape));
        unused = List.copyOf(unused);
    }

    /** Whether every parameter got a value, and every value a parameter. */
    public boolean isComplete() {
        return missing.isEmpty() && otherShape.isEmpty() && unused.isEmpty();
    }

    @Override
    public String toString() {
        return loaded.size() + " parameters loaded" + part("no value for ", missing)
                + part("other shapes: ", otherShape.entrySet().stream().map(e -> e.getKey() + " is " + e.getValue()).toList())
                + part("not used: ", unused);
    }

    private static String part(String what, List<String> names) {
        String more = names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "";
        return names.isEmpty() ? "" : "; " + what + names.subList(0, Math.min(MOST_NAMED, names.size())) + more;
    }
}
