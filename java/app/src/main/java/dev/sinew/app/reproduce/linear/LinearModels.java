package dev.sinew.app.reproduce.linear;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** Linear models, what they can do and what they cannot. */
public final class LinearModels {
    private LinearModels() {}

    /** All of them. */
    public static List<Reproduction> all() {
        return List.of(new Perceptron(), new LinearRegression(), new LogisticRegression(), new SoftmaxRegression(), new Hinge(), new ClassGaussians(),
                new NearestNeighbours(), new LinearSvm(), new HardCases());
    }
}
