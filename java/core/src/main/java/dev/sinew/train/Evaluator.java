package dev.sinew.train;

import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.metrics.Classification;
import dev.sinew.metrics.Regression;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import java.util.HashMap;
import java.util.Map;

/** Runs a net over a data set in inference mode. */
public final class Evaluator {
    private static final int BATCH = 256;

    private Evaluator() {}

    /**
     * Loss, confusion matrix and ranks of a net over a data set, or errors where it has no classes.
     *
     * @throws IllegalStateException when a sample cannot be read
     */
    public static Evaluation evaluate(Network network, Loss loss, Dataset data) {
        if (!data.inputShape().equals(network.architecture().input())) {
            throw new IllegalArgumentException("the data have samples of shape " + data.inputShape() + ", the network takes "
                    + network.architecture().input());
        }
        boolean classes = data.classes() > 0;
        Classification classification = classes ? new Classification(outputs(network, data)) : null;
        Regression regression = classes ? null : new Regression();
        int[] predictions = new int[classes ? Math.toIntExact(data.size()) : 0];
        double lossSum = 0;
        int at = 0;
        Map<Long, Plan> plans = new HashMap<>();
        try (Batches batches = Batches.of(data, BATCH).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Plan plan = plans.computeIfAbsent((long) batch.size(), n -> compile(network, loss, n));
                plan.run(batch.input(), batch.target());
                lossSum += plan.output(0).item() * batch.size();
                if (classes) {
                    System.arraycopy(classification.add(plan.output(1), batch.target()), 0, predictions, at, batch.size());
                } else {
                    regression.add(plan.output(1), batch.target());
                }
                at += batch.size();
            }
        } finally {
            plans.values().forEach(Plan::close);
        }
        return new Evaluation(data.size(), lossSum / data.size(), classification, regression, predictions);
    }

    private static int outputs(Network network, Dataset data) {
        return (int) Math.max(data.classes(), network.architecture().output().dim(0));
    }

    private static Plan compile(Network network, Loss loss, long batch) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(network.dtype(), network.architecture().input().withFirst(batch)));
        Tensor output = network.forward(x);
        Tensor target = graph.input("target", loss.target(output.spec()));
        Tensor value = Scope.outside(() -> loss.apply(output, target));
        return Plan.compile(graph, value, output == x ? x.add(0) : output);
    }
}
