package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Shape;
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
import dev.sinew.nn.Objective;
import java.util.HashMap;
import java.util.Map;

/** Runs a net over a data set in inference mode. */
public final class Evaluator {
    private static final int BATCH = 64; // as fast as more, and a quarter of the memory of 256
    /** At most in a batch, where the positions of samples have labels. */
    private static final long LABELS = 1 << 18;

    private Evaluator() {}

    /**
     * Loss, confusion matrix and ranks of a net over a data set, or errors where its targets are numbers to predict. Where the loss
     * takes a label for each position of a sample, such as the pixels of an image, every position counts by itself; where it takes
     * probabilities of classes, the most probable one is the label.
     *
     * @throws IllegalStateException when a sample cannot be read
     */
    public static Evaluation evaluate(Network network, Loss loss, Dataset data) {
        return evaluate(network, Objective.of(loss), data);
    }

    /**
     * {@link #evaluate(Network, Loss, Dataset)} for a net with several outputs: the loss is that of the outputs that are not
     * auxiliary ones, the rest is about the first of them.
     */
    public static Evaluation evaluate(Network network, Objective whole, Dataset data) {
        LossGraph.checkInput(network, data.inputShape());
        Objective objective = whole.main(network.architecture());
        Shape output = network.architecture().shape(objective.outputs(network.architecture()).getFirst());
        Loss loss = objective.terms().getFirst().loss();
        boolean classes = loss.probabilities() || !loss.target(Spec.of(network.dtype(), output.withFirst(1))).dtype().isFloat();
        Classification classification = classes ? new Classification((int) Math.max(data.classes(), output.dim(0)), loss.ignoreIndex()) : null;
        Regression regression = classes ? null : new Regression();
        long positions = classes ? output.count() / output.dim(0) : 1;
        int[] predictions = !classes || positions > 1 ? null : new int[Math.toIntExact(data.size())];
        double lossSum = 0;
        int at = 0;
        Map<Long, Plan> plans = new HashMap<>();
        try (Batches batches = Batches.of(data, Math.clamp(LABELS / positions, 1, BATCH)).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Plan plan = plans.computeIfAbsent((long) batch.size(), n -> compile(network, objective, n, LossGraph.targetType(data)));
                plan.run(batch.input(), batch.target());
                lossSum += plan.output(0).item() * batch.size();
                if (classes) {
                    int[] predicted = classification.add(plan.output(1), plan.output(2));
                    if (predictions != null) {
                        System.arraycopy(predicted, 0, predictions, at, batch.size());
                    }
                } else {
                    regression.add(plan.output(1), plan.output(2));
                }
                at += batch.size();
            }
        } finally {
            plans.values().forEach(Plan::close);
        }
        return new Evaluation(data.size(), lossSum / data.size(), classification, regression, predictions);
    }

    private static Plan compile(Network network, Objective objective, long batch, DType data) {
        Graph graph = new Graph();
        LossGraph loss = LossGraph.of(graph, network, objective, batch, data, null);
        Tensor labels = loss.labels(objective);
        return Plan.compile(graph, loss.value(), loss.outputs()[0], labels == null ? loss.targets()[0] : labels);
    }
}
