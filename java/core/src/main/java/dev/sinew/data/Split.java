package dev.sinew.data;

import java.util.Objects;

/**
 * A data set in two parts.
 *
 * @param train what to learn from
 * @param test what to measure with
 */
public record Split(Dataset train, Dataset test) {
    /** Neither part may be null. */
    public Split {
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(test, "test");
    }
}
