package dev.sinew.nn;

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
    /** Copies the lists. */
    public Loaded {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        otherShape = Map.copyOf(otherShape);
        unused = List.copyOf(unused);
    }

    /** Whether every parameter got a value, and every value a parameter. */
    public boolean isComplete() {
        return missing.isEmpty() && otherShape.isEmpty() && unused.isEmpty();
    }

    @Override
    public String toString() {
        return loaded.size() + " parameters loaded" + (missing.isEmpty() ? "" : "; no value for " + missing)
                + (otherShape.isEmpty() ? "" : "; other shapes: " + otherShape) + (unused.isEmpty() ? "" : "; not used: " + unused);
    }
}
