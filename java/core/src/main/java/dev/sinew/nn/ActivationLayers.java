package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Activations;
import dev.sinew.op.Unary;
import java.util.function.UnaryOperator;

/**
 * Layers of activation functions without parameters, element by element. The formulas are those of {@link Activations};
 * {@link PRelu}, {@link Glu} and {@link Maxout} are layers of their own.
 */
public final class ActivationLayers {
    private ActivationLayers() {}

    /** An elementwise function made of several operations. */
    private record Composed(String kind, UnaryOperator<Tensor> function) implements Layer {
        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return function.apply(x);
        }
    }

    private static Layer unary(Unary.Kind kind, double alpha, double beta) {
        return new Elementwise(new Unary(kind, alpha, beta));
    }

    /** 1 where x is at least 0, else 0; no gradient. */
    public static Layer step() {
        return unary(Unary.Kind.STEP, 1, 0);
    }

    /** 1.7159 tanh(2/3 x). */
    public static Layer scaledTanh() {
        return new Composed("scaled_tanh", Activations::scaledTanh);
    }

    /** Klambauer et al. 2017; for weights begun normally with variance 1 / fan-in. */
    public static Layer selu() {
        return new Composed("selu", Activations::selu);
    }

    /** max(x, 0) + min(alpha (exp(x / alpha) - 1), 0). */
    public static Layer celu(double alpha) {
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("celu: alpha must be positive and finite, not " + alpha);
        }
        return new Composed("celu", x -> Activations.celu(x, alpha));
    }

    /** The tanh approximation of GELU. */
    public static Layer geluTanh() {
        return unary(Unary.Kind.GELU_TANH, 0, 0);
    }

    /** x / (1 + exp(-x)), also called swish. */
    public static Layer silu() {
        return unary(Unary.Kind.SILU, 0, 0);
    }

    /** x tanh(log(1 + exp(x))). */
    public static Layer mish() {
        return unary(Unary.Kind.MISH, 0, 0);
    }

    /** log(1 + exp(x)). */
    public static Layer softplus() {
        return unary(Unary.Kind.SOFTPLUS, 1, 20);
    }

    /** x / (1 + |x|). */
    public static Layer softsign() {
        return unary(Unary.Kind.SOFTSIGN, 0, 0);
    }

    /** -log(1 + exp(-x)). */
    public static Layer logSigmoid() {
        return new Composed("log_sigmoid", Activations::logSigmoid);
    }

    /** x / 6 + 1/2 within [0, 1]. */
    public static Layer hardSigmoid() {
        return new Composed("hard_sigmoid", Activations::hardSigmoid);
    }

    /** x within [-1, 1]. */
    public static Layer hardTanh() {
        return unary(Unary.Kind.CLAMP, -1, 1);
    }

    /** x hardSigmoid(x). */
    public static Layer hardSwish() {
        return unary(Unary.Kind.HARD_SWISH, 0, 0);
    }

    /** x within [0, 6]. */
    public static Layer relu6() {
        return unary(Unary.Kind.CLAMP, 0, 6);
    }

    /** x where |x| is above lambda, else 0. */
    public static Layer hardShrink(double lambda) {
        return unary(Unary.Kind.HARD_SHRINK, lambda, 0);
    }

    /** x moved by lambda towards 0. */
    public static Layer softShrink(double lambda) {
        return unary(Unary.Kind.SOFT_SHRINK, lambda, 0);
    }

    /** x - tanh(x). */
    public static Layer tanhShrink() {
        return new Composed("tanh_shrink", Activations::tanhShrink);
    }

    /** x where it is above the threshold, else the value. */
    public static Layer threshold(double threshold, double value) {
        return unary(Unary.Kind.THRESHOLD, threshold, value);
    }

    /** Softmax over the channels (the first dimension of a sample). */
    public static Layer softmax() {
        return new Composed("softmax", x -> Activations.softmax(x, 1));
    }

    /** The logarithm of softmax over the channels. */
    public static Layer logSoftmax() {
        return new Composed("log_softmax", x -> Activations.logSoftmax(x, 1));
    }
}
