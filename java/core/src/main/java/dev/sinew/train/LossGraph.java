package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Dataset;
import dev.sinew.functional.Losses;
import dev.sinew.graph.Graph;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.CrossEntropyGradient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph from a net's inputs and targets to the loss.
 *
 * @param outputs of the terms
 * @param targets of the terms
 * @param terms the losses, without their weights
 * @param value their weighted sum
 * @hidden
 */
public record LossGraph(Tensor[] outputs, Tensor[] targets, Tensor[] terms, Tensor value) {
    /**
     * The inputs of the graph are the net's, then the targets in the objective's order.
     *
     * @param data the type of the targets of a data set, see {@link #targetType}: several inputs, or several targets, then come
     *     as one tensor each, one after the other in each row; null: each comes by itself, as the loss takes it
     * @param step the number of the training step, null in inference
     */
    public static LossGraph of(Graph graph, Network network, Objective objective, long batch, DType data, Tensor step) {
        List<Tensor> inputs = inputs(graph, network.architecture().inputs(), network.inputSpecs(batch), data != null ? network.dtype() : null, "x");
        String[] names = objective.outputs(network.architecture()).toArray(new String[0]);
        Tensor[] outputs = network.forward(inputs, step != null, step, names).toArray(new Tensor[0]);
        Map<String, Tensor> targets = targets(graph, objective, outputs, data);
        Tensor[] each = new Tensor[outputs.length];
        Tensor[] terms = new Tensor[outputs.length];
        Tensor sum = null;
        for (int i = 0; i < terms.length; i++) {
            Objective.Term term = objective.terms().get(i);
            Tensor output = outputs[i];
            Tensor target = targets.get(term.target());
            each[i] = target;
            terms[i] = Scope.outside(() -> term.loss().apply(output, target));
            Tensor weighted = term.weight() == 1 ? terms[i] : terms[i].mul(term.weight());
            sum = sum == null ? weighted : sum.add(weighted);
        }
        return new LossGraph(outputs, each, terms, sum);
    }

    /** The type of the targets in a data set's batches. */
    public static DType targetType(Dataset data) {
        return data.classes() > 0 ? DType.I32 : DType.F32;
    }

    /**
     * What a batch of a data set's targets must be for a loss: what it takes, but numbers also serve as labels of positions (a
     * sample's only label is one of its class), and labels as probabilities of classes.
     *
     * @param taken what the loss takes
     * @param data the type of the data set's targets
     */
    public static Spec given(Loss loss, Spec taken, DType data) {
        if (data.isFloat() == taken.dtype().isFloat()) {
            return taken;
        }
        if (data.isFloat()) {
            return taken.shape().rank() > 1 ? Spec.of(data, taken.shape()) : taken;
        }
        return loss.probabilities() && taken.shape().rank() == 2 ? Spec.of(data, Losses.labelShape(taken.shape())) : taken;
    }

    private static Tensor taken(Tensor given, Tensor output, Spec taken) {
        boolean labels = taken.dtype().isFloat() && !given.dtype().isFloat();
        return labels ? CrossEntropyGradient.chosen(output, given, null, Long.MIN_VALUE) : given.cast(taken.dtype());
    }

    /** The labels (int32) of the first term: its targets, or the most probable classes. Null where the targets are numbers to predict. */
    Tensor labels(Objective objective) {
        boolean probabilities = objective.terms().getFirst().loss().probabilities();
        return !targets[0].dtype().isFloat() ? targets[0] : probabilities ? targets[0].argmax(1) : null;
    }

    private static Map<String, Tensor> targets(Graph graph, Objective objective, Tensor[] outputs, DType data) {
        Map<String, Spec> specs = new LinkedHashMap<>();
        for (int i = 0; i < outputs.length; i++) {
            Objective.Term term = objective.terms().get(i);
            Spec spec = term.loss().target(outputs[i].spec());
            Spec before = specs.putIfAbsent(term.target(), spec);
            if (before != null && !before.equals(spec)) {
                throw new IllegalArgumentException("objective: the loss of " + term.output() + " takes targets " + spec + ", but "
                        + term.target() + " is " + before + " already; give it targets of another name");
            }
        }
        if (specs.size() == 1 && data != null) {
            Objective.Term term = objective.terms().getFirst();
            Spec spec = specs.get(term.target());
            return Map.of(term.target(), taken(graph.input("target", given(term.loss(), spec, data)), outputs[0], spec));
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Map.Entry<String, Spec> target : specs.entrySet()) {
            shapes.put(target.getKey(), target.getValue().shape().withoutFirst());
        }
        List<Tensor> tensors = inputs(graph, shapes, List.copyOf(specs.values()), data != null ? DType.F32 : null, "target");
        Map<String, Tensor> targets = new LinkedHashMap<>();
        for (String name : specs.keySet()) {
            targets.put(name, tensors.get(targets.size()));
        }
        return targets;
    }

    /** @param joined the type of the one tensor for several of them; null: each comes by itself */
    private static List<Tensor> inputs(Graph graph, Map<String, Shape> samples, List<Spec> specs, DType joined, String only) {
        List<Tensor> inputs = new ArrayList<>();
        if (specs.size() == 1 || joined == null) {
            for (String name : samples.keySet()) {
                inputs.add(graph.input(specs.size() == 1 ? only : name, specs.get(inputs.size())));
            }
            return inputs;
        }
        long batch = specs.getFirst().shape().dim(0);
        Tensor all = graph.input(only, Spec.of(joined, Shape.of(batch, total(samples))));
        long from = 0;
        for (Shape sample : samples.values()) {
            Spec spec = specs.get(inputs.size());
            inputs.add(all.slice(1, from, sample.count()).reshape(spec.shape().dims()).cast(spec.dtype()));
            from += sample.count();
        }
        return inputs;
    }

    static long total(Map<String, Shape> samples) {
        return samples.values().stream().mapToLong(Shape::count).sum();
    }

    /** @throws IllegalArgumentException when a data set's samples are not what the net takes */
    static void checkInput(Network network, Shape sample) {
        Map<String, Shape> inputs = network.architecture().inputs();
        if (inputs.size() == 1 && !sample.equals(network.architecture().input())) {
            throw new IllegalArgumentException("the data have samples of shape " + sample + ", the network takes "
                    + network.architecture().input());
        }
        if (inputs.size() > 1 && !sample.equals(Shape.of(total(inputs)))) {
            throw new IllegalArgumentException("the data have samples of shape " + sample + ", the network takes " + inputs
                    + ", one after the other: [" + total(inputs) + "]");
        }
    }
}
