package dev.sinew.graph;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.internal.Owner;
import dev.sinew.op.Convert;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Operations applied to symbolic tensors: tensors that have a shape but no values yet. Applying any operation to a
 * tensor of {@link #input} adds to the graph instead of computing; tensors with values that take part are captured: a
 * plan reads them, and may overwrite them, where they are. {@link Plan} runs a graph.
 */
public final class Graph {
    /** On this thread, the graph to which operations on somebody's tensors are added although those have values. */
    private static final ThreadLocal<Deferral> DEFERRAL = new ThreadLocal<>();

    private record Deferral(Graph graph, Owner owner) {}

    private final List<Node> nodes = new ArrayList<>();
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Tensor> inputsView = Collections.unmodifiableList(inputs);
    private final List<String> names = new ArrayList<>();

    /** A graph without nodes. */
    public Graph() {}

    /** A new input. The name is used in messages. */
    public Tensor input(String name, Spec spec) {
        Objects.requireNonNull(name, "name");
        Tensor tensor = new Tensor(Objects.requireNonNull(spec, "spec"), null, 0);
        new Node(this, null, new Tensor[0], new Tensor[] {tensor});
        inputs.add(tensor);
        names.add(name);
        return tensor;
    }

    /**
     * Applies an operation when the plan runs, not now, even if no input is symbolic (as those of random numbers).
     *
     * @throws IllegalArgumentException when the operation refuses the inputs, or one is of another graph
     */
    public Tensor[] add(Op op, Tensor... given) {
        Tensor[] in = given.clone();
        for (Tensor input : in) {
            if (input == null) {
                throw new NullPointerException(op.name() + ": an input is null");
            }
            if (input.isSymbolic() && input.graph() != this) {
                throw new IllegalArgumentException(op.name() + ": the inputs belong to two different graphs");
            }
        }
        List<Spec> specs = Ops.specs(in);
        for (int i = 0; i < in.length; i++) {
            if (specs.get(i).shape().rank() == 4 && specs.get(i).layout() != op.layout(i, specs)) {
                // in the graph even for a tensor with values: the plan must see those it has when it runs
                in[i] = add(new Convert(op.layout(i, specs)), in[i])[0];
            }
        }
        Tensor[] out = symbols(op, in);
        nodes.add(new Node(this, op, in, out));
        return out;
    }

    /** Tensors without values for what an operation gives. */
    static Tensor[] symbols(Op op, Tensor... inputs) {
        List<Spec> specs = op.outputs(Ops.specs(inputs));
        Tensor[] symbols = new Tensor[specs.size()];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = new Tensor(specs.get(i), null, 0);
        }
        return symbols;
    }

    /**
     * Runs something; operations that it applies to an owner's tensors are added to this graph even if no input is symbolic, as
     * those of a layer on its weights alone: they must be done in every run.
     *
     * @hidden
     */
    public <T> T deferring(Owner owner, Supplier<T> action) {
        Deferral before = DEFERRAL.get();
        DEFERRAL.set(new Deferral(this, owner));
        try {
            return action.get();
        } finally {
            if (before == null) {
                DEFERRAL.remove();
            } else {
                DEFERRAL.set(before);
            }
        }
    }

    /**
     * The graph to which an operation on these tensors belongs; null: it is run at once.
     *
     * @hidden
     */
    public static Graph of(Tensor... inputs) {
        for (Tensor input : inputs) {
            if (input.isSymbolic()) {
                return input.graph();
            }
        }
        Deferral deferral = DEFERRAL.get();
        if (deferral != null) {
            for (Tensor input : inputs) {
                if (input.buffer().owner() == deferral.owner) {
                    return deferral.graph;
                }
            }
        }
        return null;
    }

    /** The operations, in the order in which they were applied. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** The inputs, in the order of their creation. */
    public List<Tensor> inputs() {
        return inputsView;
    }

    /** The name of input {@code i}. */
    public String inputName(int i) {
        return names.get(i);
    }
}
