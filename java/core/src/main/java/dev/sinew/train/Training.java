package dev.sinew.train;

import dev.sinew.data.Dataset;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.util.List;

/** A training that has ended. */
public final class Training {
    private final Network network;
    private final Objective objective;
    private final List<EpochReport> history;

    Training(Network network, Objective objective, List<EpochReport> history) {
        this.network = network;
        this.objective = objective;
        this.history = List.copyOf(history);
    }

    /** The network that was trained. */
    public Network network() {
        return network;
    }

    /** A report of every epoch, those before a resumed checkpoint included. */
    public List<EpochReport> history() {
        return history;
    }

    /** What the network makes of some data. */
    public Evaluation evaluate(Dataset data) {
        return Evaluator.evaluate(network, objective, data);
    }
}
