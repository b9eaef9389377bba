package dev.sinew.diagnosis;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Node;
import dev.sinew.internal.Owner;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.Ops;
import dev.sinew.train.LossGraph;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training step without the update, operation by operation, from copies of a net's values: what the operations overwrite
 * are the copies, not the net. Serves one thread.
 */
final class Replay implements AutoCloseable {
    private final Network network;
    private final Objective objective;
    private final Owner owner = Owner.closeable("a diagnosis");
    /** Of every parameter and running statistic. */
    private final Map<Tensor, Tensor> copies = new IdentityHashMap<>();
    private final Tensor step = Tensor.in(owner, Spec.of(DType.I64, Shape.scalar()));
    private final Map<List<?>, Step> steps = new HashMap<>();

    /** What a step computes. */
    private record Step(Graph graph, Tensor loss, Map<String, Tensor> gradients) {}

    /** Is told about every operation. */
    interface Visitor {
        void visit(Node node, Tensor[] inputs, Tensor[] outputs);
    }

    /** What a step gave. */
    record Result(Tensor loss, Map<String, Tensor> gradients) {}

    Replay(Network network, Objective objective) {
        this.network = network;
        this.objective = objective;
        network.parameters().values().forEach(value -> copies.put(value, Tensor.in(owner, value.spec())));
        refresh();
    }

    /** Takes the net's values over. */
    void refresh() {
        copies.forEach((value, copy) -> copy.copyFrom(value));
    }

    /** The copy of a parameter. */
    Tensor copy(String parameter) {
        return copies.get(network.parameter(parameter));
    }

    /** The copies by the names of the parameters. */
    Map<String, Tensor> copies() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        network.parameters().forEach((name, value) -> named.put(name, copies.get(value)));
        return named;
    }

    /**
     * Runs a step, inside an open scope, to which all results belong.
     *
     * @param x a batch as a data set gives it
     * @param number of the step
     */
    Result run(Tensor x, Tensor target, long number, Visitor visitor) {
        step.set(number);
        Step compiled = steps.computeIfAbsent(List.of(x.shape().dim(0), target.dtype()), _ -> trace(x.shape().dim(0), target.dtype()));
        Map<Tensor, Tensor> values = new IdentityHashMap<>(copies);
        List<Tensor> inputs = compiled.graph.inputs();
        values.put(inputs.get(0), x);
        values.put(inputs.get(1), target);
        for (Node node : compiled.graph.nodes()) {
            Tensor[] in = node.inputs();
            for (int i = 0; i < in.length; i++) {
                in[i] = values.getOrDefault(in[i], in[i]);
            }
            Tensor[] out = Ops.applyAll(node.op(), in);
            Tensor[] symbols = node.outputs();
            for (int i = 0; i < out.length; i++) {
                values.put(symbols[i], out[i]);
            }
            visitor.visit(node, in, out);
        }
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        compiled.gradients.forEach((name, symbol) -> gradients.put(name, values.get(symbol)));
        return new Result(values.get(compiled.loss), gradients);
    }

    private Step trace(long batch, DType targets) {
        Graph graph = new Graph();
        LossGraph loss = Scope.outside(() -> LossGraph.of(graph, network, objective, batch, targets, step));
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        List<String> trained = network.trained(objective.outputs(network.architecture()));
        if (!trained.isEmpty()) {
            Gradients found = Scope.outside(() -> Gradients.of(loss.value(), trained.stream().map(network::parameter).toArray(Tensor[]::new)));
            trained.forEach(name -> gradients.put(name, found.get(network.parameter(name))));
        }
        return new Step(graph, loss.value(), gradients);
    }

    @Override
    public void close() {
        owner.close();
    }
}
