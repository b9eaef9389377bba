package dev.sinew.graph;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Backward;
import dev.sinew.op.Fill;
import dev.sinew.op.Ops;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reverse-mode differentiation. The gradients are computed by ordinary operations: at once for tensors with values, as
 * further nodes for symbolic ones, and so they can be differentiated again.
 */
public final class Gradients {
    private final Map<Tensor, Tensor> gradients;

    private Gradients(Map<Tensor, Tensor> gradients) {
        this.gradients = gradients;
    }

    /**
     * The gradients of a scalar with respect to some tensors.
     *
     * @param loss one floating-point element, the result of operations applied inside an open {@link dev.sinew.Scope}
     *     or to symbolic tensors
     * @throws IllegalArgumentException when the loss is not a single floating-point element, or does not depend on one
     *     of the tensors
     * @throws IllegalStateException when a value that is needed was overwritten since
     */
    public static Gradients of(Tensor loss, Tensor... wrt) {
        Objects.requireNonNull(loss, "loss");
        if (loss.shape().count() != 1 || !loss.dtype().isFloat()) {
            throw new IllegalArgumentException("gradients: the loss must be one floating-point element, not " + loss.spec()
                    + "; give the gradient of each element as `seed` for others");
        }
        return of(loss, Fill.with(loss, Spec.of(loss.dtype(), loss.shape()), 1), wrt);
    }

    /** The gradients of sum(seed * result): {@code seed} has the shape and type of {@code result}. */
    public static Gradients of(Tensor result, Tensor seed, Tensor[] wrt) {
        if (!seed.shape().equals(result.shape()) || seed.dtype() != result.dtype()) {
            throw new IllegalArgumentException("gradients: the seed " + seed.spec() + " does not match the result " + result.spec());
        }
        Map<Tensor, Boolean> wanted = new IdentityHashMap<>();
        for (Tensor tensor : wrt) {
            wanted.put(Objects.requireNonNull(tensor, "a tensor to differentiate by"), true);
        }
        List<Node> nodes = ancestors(result);
        for (Node node : nodes) {
            for (Tensor input : node.inputs()) {
                if (wanted.getOrDefault(input, false)) {
                    for (Tensor output : node.outputs()) {
                        wanted.putIfAbsent(output, true);
                    }
                }
            }
        }
        Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
        gradients.put(result, seed);
        for (Node node : nodes.reversed()) {
            Origin.gradientOf(node.origin(), () -> backward(node, wanted, gradients));
        }
        Map<Tensor, Tensor> found = new IdentityHashMap<>();
        for (Tensor tensor : wrt) {
            Tensor gradient = gradients.get(tensor);
            if (gradient == null) {
                throw new IllegalArgumentException("gradients: the result does not depend on " + tensor.spec()
                        + " (operations are remembered while a Scope is open, or for symbolic tensors)");
            }
            found.put(tensor, gradient);
        }
        return new Gradients(found);
    }

    /** The gradient with respect to one of the tensors that were asked for: its shape and type. */
    public Tensor get(Tensor tensor) {
        Tensor gradient = gradients.get(tensor);
        if (gradient == null) {
            throw new IllegalArgumentException("gradients: this tensor " + tensor.spec() + " was not asked for");
        }
        return gradient;
    }

    /** The nodes on which the result depends, in the order of their creation. A graph's captured tensors are leaves. */
    private static List<Node> ancestors(Tensor result) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> open = new ArrayDeque<>();
        if (result.node() != null) {
            open.push(result.node());
        }
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node.op() == null || !seen.add(node)) {
                continue;
            }
            for (Tensor input : node.inputs()) {
                if (input.node() != null && input.graph() == result.graph()) {
                    open.push(input.node());
                }
            }
        }
        List<Node> ordered = new ArrayList<>(seen);
        ordered.sort((a, b) -> Long.compare(a.id(), b.id()));
        return ordered;
    }

    private static void backward(Node node, Map<Tensor, Boolean> wanted, Map<Tensor, Tensor> gradients) {
        Tensor[] inputs = node.inputs();
        boolean[] needed = new boolean[inputs.length];
        boolean any = false;
        for (int i = 0; i < inputs.length; i++) {
            needed[i] = wanted.getOrDefault(inputs[i], false) && inputs[i].dtype().isFloat();
            any |= needed[i];
        }
        Tensor[] outputs = node.outputs();
        Tensor[] dy = new Tensor[outputs.length];
        boolean reached = false;
        for (int i = 0; i < outputs.length; i++) {
            dy[i] = gradients.get(outputs[i]);
            reached |= dy[i] != null;
        }
        if (!any || !reached) {
            return;
        }
        Tensor[] dx = node.op().gradient(new Backward(node, dy, needed));
        for (int i = 0; i < inputs.length; i++) {
            if (!needed[i] || dx[i] == null) {
                continue;
            }
            if (!dx[i].shape().equals(inputs[i].shape())) {
                throw new AssertionError("the gradient rule of " + node.op().name() + " gave " + dx[i].spec() + " for input " + i + " " + inputs[i].spec());
            }
            Tensor before = gradients.get(inputs[i]);
            gradients.put(inputs[i], before == null ? dx[i] : before.add(dx[i]));
        }
    }
}
