package dev.sinew.onnx;

import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.op.Unary;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Hyperbolic functions and their inverses by exponentials and logarithms in float64. Near 0, where these cancel, the first two
 * terms of the series stand for the odd ones.
 */
final class HyperbolicOperators {
    /** Below this the third term of the series is less than 1e-16 of the first. */
    private static final double SMALL = 1e-4;

    private HyperbolicOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Sinh", node -> wide(node, x -> odd(x, x.exp().sub(x.neg().exp()).mul(0.5), 1.0 / 6)));
        operators.put("Cosh", node -> wide(node, x -> x.exp().add(x.neg().exp()).mul(0.5)));
        operators.put("Asinh", node -> wide(node, x -> odd(x, sign(x).mul(x.abs().add(x.square().add(1).sqrt()).log()), -1.0 / 6)));
        operators.put("Acosh", node -> wide(node, x -> x.add(x.sub(1).mul(x.add(1)).sqrt()).log()));
        operators.put("Atanh", node -> wide(node, x -> odd(x, x.add(1).div(x.neg().add(1)).log().mul(0.5), 1.0 / 3)));
    }

    private static Tensor sign(Tensor x) {
        return Compose.unary(Unary.Kind.SIGN, x);
    }

    private static List<Value> wide(OnnxNode node, UnaryOperator<Tensor> function) {
        Value x = node.in(0);
        if (x.isEmpty()) {
            return List.of(x);
        }
        Tensor carried = node.x(0);
        return List.of(Value.of(x.type(), function.apply(carried.cast(DType.F64)).cast(carried.dtype())));
    }

    /** x + third x^3 near 0, the value elsewhere. */
    private static Tensor odd(Tensor x, Tensor value, double third) {
        Tensor near = Compose.max(Compose.min(x, SMALL), -SMALL);
        Tensor series = near.add(near.square().mul(near).mul(third));
        return Compose.where(Compose.greater(Compose.like(x, SMALL), x.abs()), series, value);
    }
}
