package dev.sinew.app.reproduce.conv;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** What trained convolutional nets do and see. */
public final class TrainedNets {
    private TrainedNets() {}

    /** All of them, in the order of the lecture. */
    public static List<Reproduction> all() {
        return List.of(new CellSegmentation(), new OffTheShelf(), new FineTuning(), new Filters(), new FeatureMaps(),
                new Deconvolution(), new DeepDream(), new LesionVolumes());
    }
}
