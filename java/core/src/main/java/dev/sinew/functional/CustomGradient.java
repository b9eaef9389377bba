package dev.sinew.functional;

import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.WithGradient;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Functions with gradients of one's own: the values come from operations, the gradient from a rule that is given with them.
 * The same for tensors with values and in graphs; the rule is made of operations, too, and so can itself be differentiated.
 *
 * {@snippet :
 * // sign(x), with the gradient of the identity where |x| is at most 1 (Courbariaux et al. 2016)
 * Tensor y = CustomGradient.apply("binarize", in -> in[0].sign(),
 *     (in, out, dy) -> new Tensor[] {dy.mul(Tensor.full(dy.dtype(), dy.shape(), 1).greater(in[0].abs(), Broadcast.NO))}, x);
 * }
 */
public final class CustomGradient {
    private CustomGradient() {}

    /**
     * forward(inputs), differentiated by the rule.
     *
     * @param name the name in messages
     * @param forward gives the value by operations
     * @param rule for each input its gradient, of its shape and type, or null
     */
    public static Tensor apply(String name, Function<Tensor[], Tensor> forward, WithGradient.Rule rule, Tensor... inputs) {
        Tensor result = Objects.requireNonNull(forward.apply(inputs.clone()), () -> name + ": the function gave null");
        return Ops.apply(new WithGradient(name, rule), Stream.concat(Stream.of(result), Arrays.stream(inputs)).toArray(Tensor[]::new));
    }

    /** x as a constant, also in graphs: no gradient flows back through the result. */
    public static Tensor stop(Tensor x) {
        return Ops.apply(new WithGradient("stop_gradient", (_, _, _) -> new Tensor[0]), x);
    }

    /** x, with the gradient times -factor (Ganin, Lempitsky 2015): what lies before learns the opposite of what lies after. */
    public static Tensor reverse(Tensor x, double factor) {
        return scale(x, -factor);
    }

    /** x, with the gradient times factor. */
    public static Tensor scale(Tensor x, double factor) {
        return apply("scale_gradient", in -> in[0], (_, _, dy) -> new Tensor[] {dy.mul(factor)}, x);
    }

    /**
     * function(x), differentiated as if it were x (straight-through, Bengio et al. 2013), as for rounding.
     *
     * @param function keeps the shape and type
     */
    public static Tensor straightThrough(UnaryOperator<Tensor> function, Tensor x) {
        return apply("straight_through", in -> function.apply(in[0]), (_, _, dy) -> new Tensor[] {dy}, x);
    }
}
