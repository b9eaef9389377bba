package dev.sinew.app.reproduce.conv;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** Convolutional systems whose weights are fixed or found without labels. */
public final class Classics {
    private Classics() {}

    /** All of them. */
    public static List<Reproduction> all() {
        return List.of(new GaussianPyramid(), new Pools(), new ContrastNormalization(), new Parts(), new NeocognitronDigits());
    }
}
