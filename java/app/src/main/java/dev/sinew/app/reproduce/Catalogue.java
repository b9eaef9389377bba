package dev.sinew.app.reproduce;

import dev.sinew.app.reproduce.conv.Classics;
import dev.sinew.app.reproduce.conv.TrainedNets;
import dev.sinew.app.reproduce.linear.LinearModels;
import dev.sinew.app.reproduce.mlp.Perceptrons;
import dev.sinew.app.reproduce.nets.KnownNets;
import dev.sinew.app.reproduce.training.Machinery;
import java.util.List;
import java.util.stream.Stream;

/** All reproductions, in the order of the lecture. */
public final class Catalogue {
    private static final List<Reproduction> ALL = Stream.of(LinearModels.all(), Perceptrons.all(), Classics.all(), TrainedNets.all(),
            KnownNets.all(), Machinery.all()).flatMap(List::stream).toList();

    private Catalogue() {}

    /** All of them. */
    public static List<Reproduction> all() {
        return ALL;
    }
}
