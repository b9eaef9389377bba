package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** The machinery of training: optimisers, rates, regularisation, splits, measures. */
public final class Machinery {
    private Machinery() {}

    /** All of them. */
    public static List<Reproduction> all() {
        return List.of(new MiniBatches(), new Optimisers(), new LearningRate(), new Schedules(), new BatchNormalisation(), new WeightDecay(),
                new Dropout(), new HardExamples(), new TestSetOnce(), new EarlyStopping(), new Resume(), new Metrics());
    }
}
