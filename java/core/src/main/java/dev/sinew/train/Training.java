package dev.sinew.train;

import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import java.util.List;

/** A training that has ended. */
public final class Training {
    private final Network network;
    private final Loss loss;
    private final List<EpochReport> history;

    Training(Network network, Loss loss, List<EpochReport> history) {
        this.network = network;
        this.loss = loss;
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
        return Evaluator.evaluate(network, loss, data);
    }
}
