package dev.sinew.op;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Node;
import java.util.List;

/** What a gradient rule may look at: the node's inputs and outputs, and the gradients of its outputs. */
public final class Backward {
    private final Node node;
    private final Tensor[] gradients;
    private final boolean[] needed;

    /**
     * Made by {@link dev.sinew.graph.Gradients}.
     *
     * @hidden
     */
    public Backward(Node node, Tensor[] gradients, boolean[] needed) {
        this.node = node;
        this.gradients = gradients;
        this.needed = needed;
    }

    /** The number of inputs. */
    public int inputs() {
        return node.inputs().length;
    }

    /** The value of input {@code i}. Throws IllegalStateException when it was overwritten since. */
    public Tensor input(int i) {
        node.checkInputUnchanged(i);
        return node.inputs()[i];
    }

    /** What is known of input {@code i}, without asking for its value. */
    public Spec spec(int i) {
        return node.inputs()[i].spec();
    }

    /** What is known of the inputs. */
    public List<Spec> specs() {
        return Ops.specs(node.inputs());
    }

    /** The value of output {@code i}. */
    public Tensor output(int i) {
        node.checkOutputUnchanged(i);
        return node.outputs()[i];
    }

    /** The gradient of output {@code i}; null when the result does not depend on it. */
    public Tensor gradient(int i) {
        return gradients[i];
    }

    /** The gradient of output 0. */
    public Tensor dy() {
        return gradients[0];
    }

    /** Whether the gradient of input {@code i} is wanted. */
    public boolean needs(int i) {
        return needed[i];
    }

    /** The error for a rule that does not exist. */
    public UnsupportedOperationException noRule(String what) {
        return new UnsupportedOperationException("the gradient of " + node.op().name() + " " + what + " has no rule");
    }
}
