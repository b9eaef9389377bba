package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A result as it is, with a gradient rule of somebody's own. Inputs: the result, then the tensors whose gradients the rule
 * gives; no gradient goes to the result itself. Output: a view of the result. See
 * {@link dev.sinew.functional.CustomGradient}.
 *
 * @param name the name in messages
 * @param rule the gradients of inputs 1, 2, ...
 */
public record WithGradient(String name, Rule rule) implements Op {
    /** Gives gradients by operations. */
    @FunctionalInterface
    public interface Rule {
        /**
         * The gradient of a loss with respect to each input, from that with respect to the output.
         *
         * @param inputs what the rule differentiates by
         * @param output the result
         * @param dy the gradient of the output
         * @return for each input a tensor of its shape and type, or null: the loss does not depend on it
         */
        Tensor[] gradient(Tensor[] inputs, Tensor output, Tensor dy);
    }

    /** Checks that the arguments are there. */
    public WithGradient {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(rule, "rule");
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, Integer.MAX_VALUE);
        return List.of(inputs.getFirst());
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return true;
    }

    @Override
    public void encode(Call call) {
        throw new AssertionError("a view is not run");
    }

    @Override
    public Tensor[] gradient(Backward context) {
        int count = context.inputs() - 1;
        Tensor[] inputs = IntStream.rangeClosed(1, count).mapToObj(context::input).toArray(Tensor[]::new);
        Tensor[] given = rule.gradient(inputs, context.output(0), context.dy());
        if (given == null || given.length != count) {
            throw new IllegalArgumentException(name + ": the gradient rule must give " + count + " gradients, one for each input, not "
                    + (given == null ? "null" : given.length));
        }
        Tensor[] gradients = new Tensor[count + 1];
        for (int i = 0; i < count; i++) {
            Tensor dx = given[i];
            if (dx != null && (!dx.shape().equals(inputs[i].shape()) || dx.dtype() != inputs[i].dtype())) {
                throw new IllegalArgumentException(name + ": the gradient rule gave " + dx.spec() + " for input " + i + ", which is "
                        + inputs[i].spec());
            }
            gradients[i + 1] = context.needs(i + 1) ? dx : null;
        }
        return gradients;
    }
}
