package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import java.util.HashMap;
import java.util.Map;

/** Runs a net over a data set in inference mode. */
public final class Evaluator {
    private static final int BATCH = 256;

    private Evaluator() {}

    /**
     * Loss, confusion matrix and ranks of a net over a data set.
     *
     * @throws IllegalStateException when a sample cannot be read
     */
    public static Evaluation evaluate(Network network, Loss loss, Dataset data) {
        if (!data.inputShape().equals(network.architecture().input())) {
            throw new IllegalArgumentException("the data have samples of shape " + data.inputShape() + ", the network takes "
                    + network.architecture().input());
        }
        int classes = data.classes() > 0 ? (int) Math.max(data.classes(), network.architecture().output().dim(0)) : 0;
        Counts counts = new Counts(classes, Math.toIntExact(data.size()));
        Map<Long, Plan> plans = new HashMap<>();
        try (Batches batches = Batches.of(data, BATCH).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Plan plan = plans.computeIfAbsent((long) batch.size(), n -> compile(network, loss, n));
                plan.run(batch.input(), batch.target());
                counts.add(plan.output(0), plan.output(1), batch.target());
            }
        } finally {
            plans.values().forEach(Plan::close);
        }
        return new Evaluation(counts.lossSum / data.size(), counts.confusion, counts.ranks, counts.predictions);
    }

    private static Plan compile(Network network, Loss loss, long batch) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(network.dtype(), network.architecture().input().withFirst(batch)));
        Tensor output = network.forward(x);
        Tensor target = graph.input("target", loss.target(output.spec()));
        Tensor value = Scope.outside(() -> loss.apply(output, target));
        return Plan.compile(graph, value, output == x ? x.add(0) : output);
    }

    private static final class Counts {
        final long[][] confusion;
        final long[] ranks;
        final int[] predictions;
        double lossSum;
        int at;

        Counts(int classes, int size) {
            confusion = new long[classes][classes];
            ranks = new long[classes];
            predictions = classes == 0 ? new int[0] : new int[size];
        }

        void add(Tensor loss, Tensor output, Tensor target) {
            int n = (int) output.shape().dim(0);
            lossSum += loss.item() * n;
            if (confusion.length == 0 || target.dtype() != DType.I32) {
                return;
            }
            float[] scores = output.toFloats();
            int[] labels = target.toInts();
            int k = scores.length / n;
            for (int row = 0; row < n; row++) {
                int label = labels[row];
                int predicted = 0;
                int rank = 0;
                for (int c = 0; c < k; c++) {
                    float score = scores[row * k + c];
                    float own = scores[row * k + label];
                    predicted = score > scores[row * k + predicted] ? c : predicted;
                    rank += score > own || score == own && c < label ? 1 : 0;
                }
                rank = Float.isNaN(scores[row * k + label]) ? k - 1 : rank;
                confusion[label][predicted]++;
                ranks[rank]++;
                predictions[at++] = predicted;
            }
        }
    }
}
