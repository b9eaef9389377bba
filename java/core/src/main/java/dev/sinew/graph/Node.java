package dev.sinew.graph;

import dev.sinew.Tensor;
import dev.sinew.op.Op;
import java.util.concurrent.atomic.AtomicLong;

/** How tensors came about: an operation, what it was applied to and what it gave. Inputs of a graph have no operation. */
public final class Node {
    private static final AtomicLong NEXT = new AtomicLong();

    private final Graph graph;
    private final long id = NEXT.getAndIncrement();
    private final Origin origin = Origin.current();
    private final Op op;
    private final Tensor[] inputs;
    private final Tensor[] outputs;
    private final int[] inputVersions;
    private final int[] outputVersions;

    /**
     * Links the outputs to this node.
     *
     * @param graph null for operations that were run at once
     * @hidden
     */
    public Node(Graph graph, Op op, Tensor[] inputs, Tensor[] outputs) {
        this.graph = graph;
        this.op = op;
        this.inputs = inputs.clone();
        this.outputs = outputs.clone();
        this.inputVersions = versions(inputs);
        this.outputVersions = versions(outputs);
        for (int i = 0; i < outputs.length; i++) {
            outputs[i].producedBy(this, i);
        }
    }

    private static int[] versions(Tensor[] tensors) {
        int[] versions = new int[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            versions[i] = tensors[i].buffer() == null ? 0 : tensors[i].buffer().version();
        }
        return versions;
    }

    /** The graph, null for an operation that was run at once. */
    public Graph graph() {
        return graph;
    }

    /** Rises in the order of creation. */
    public long id() {
        return id;
    }

    /** The layer that applied it; null outside of layers. */
    public Origin origin() {
        return origin;
    }

    /** The operation, null for an input of a graph. */
    public Op op() {
        return op;
    }

    /** What it was applied to; a copy. */
    public Tensor[] inputs() {
        return inputs.clone();
    }

    /** What it gave; a copy. */
    public Tensor[] outputs() {
        return outputs.clone();
    }

    /** Throws when input {@code i} was overwritten after the operation ran. */
    public void checkInputUnchanged(int i) {
        check(inputs[i], inputVersions[i], "input " + i);
    }

    /** Throws when output {@code i} was overwritten after the operation ran. */
    public void checkOutputUnchanged(int i) {
        check(outputs[i], outputVersions[i], "output " + i);
    }

    private void check(Tensor tensor, int version, String what) {
        if (tensor.buffer() != null && tensor.buffer().version() != version) {
            throw new IllegalStateException("the gradient of " + op.name() + " needs its " + what + " " + tensor.spec()
                    + ", which was overwritten after the operation ran");
        }
    }
}
