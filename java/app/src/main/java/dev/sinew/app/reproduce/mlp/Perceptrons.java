package dev.sinew.app.reproduce.mlp;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** Multi-layer perceptrons and back-propagation. */
public final class Perceptrons {
    private Perceptrons() {}

    /** All of them. */
    public static List<Reproduction> all() {
        return List.of(new Xor(), new Xnor(), new Gates(), new RosenbrockClass(), new RosenbrockSurface(), new ImageSurface(), new MnistMlp(), new Initialization(),
                new Vanishing(), new Classify2d());
    }
}
