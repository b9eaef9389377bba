package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
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
     * @param joined whether several inputs, or several targets, come as one tensor each, as a data set gives them: one
     *     after the other in each row
     * @param step the number of the training step, null in inference
     */
    public static LossGraph of(Graph graph, Network network, Objective objective, long batch, boolean joined, Tensor step) {
        List<Tensor> inputs = inputs(graph, network.architecture().inputs(), network.inputSpecs(batch), joined ? network.dtype() : null, "x");
        String[] names = objective.outputs(network.architecture()).toArray(String[]::new);
        Tensor[] outputs = network.forward(inputs, step != null, step, names).toArray(Tensor[]::new);
        Map<String, Tensor> targets = targets(graph, objective, outputs, joined);
        Tensor[] each = objective.terms().stream().map(term -> targets.get(term.target())).toArray(Tensor[]::new);
        Tensor[] terms = new Tensor[outputs.length];
        Tensor sum = null;
        for (int i = 0; i < terms.length; i++) {
            Objective.Term term = objective.terms().get(i);
            Tensor output = outputs[i];
            Tensor target = each[i];
            terms[i] = Scope.outside(() -> term.loss().apply(output, target));
            Tensor weighted = term.weight() == 1 ? terms[i] : terms[i].mul(term.weight());
            sum = sum == null ? weighted : sum.add(weighted);
        }
        return new LossGraph(outputs, each, terms, sum);
    }

    private static Map<String, Tensor> targets(Graph graph, Objective objective, Tensor[] outputs, boolean joined) {
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
        Map<String, Shape> shapes = new LinkedHashMap<>();
        specs.forEach((name, spec) -> shapes.put(name, spec.shape().withoutFirst()));
        List<Tensor> tensors = inputs(graph, shapes, List.copyOf(specs.values()), joined ? DType.F32 : null, "target");
        Map<String, Tensor> targets = new LinkedHashMap<>();
        specs.keySet().forEach(name -> targets.put(name, tensors.get(targets.size())));
        return targets;
    }

    /** @param joined the type of the one tensor for several of them; null: each comes by itself */
    private static List<Tensor> inputs(Graph graph, Map<String, Shape> samples, List<Spec> specs, DType joined, String only) {
        List<Tensor> inputs = new ArrayList<>();
        if (specs.size() == 1 || joined == null) {
            samples.keySet().forEach(name -> inputs.add(graph.input(specs.size() == 1 ? only : name, specs.get(inputs.size()))));
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
