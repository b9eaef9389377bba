package dev.sinew.train;

import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;

/**
 * How well a net does on each sample: for {@link dev.sinew.data.Sampler#hardest}, or to find labels that are wrong.
 *
 * {@snippet :
 * double[] losses = SampleLosses.of(net, loss, train);
 * Trainer.of(net, loss, optimizer).sampler(Sampler.hardest(losses, 0.5, Seed.of(round))).fit(train);
 * }
 */
public final class SampleLosses {
    private SampleLosses() {}

    /**
     * The loss of each sample by itself, in inference mode.
     *
     * @throws IllegalStateException when a sample cannot be read
     */
    public static double[] of(Network network, Loss loss, Dataset data) {
        LossGraph.checkInput(network, data.inputShape());
        double[] losses = new double[Math.toIntExact(data.size())];
        Graph graph = new Graph();
        LossGraph whole = LossGraph.of(graph, network, Objective.of(loss), 1, LossGraph.targetType(data), null);
        try (Plan plan = Plan.compile(graph, whole.value()); Batches batches = Batches.of(data, 1).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                plan.run(batch.input(), batch.target());
                losses[(int) batch.index()] = plan.output(0).item();
            }
        }
        return losses;
    }
}
