package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import java.util.Objects;

/**
 * Activation functions beside those that {@link Tensor} has itself (relu, leakyRelu, elu, gelu, geluTanh, sigmoid, tanh).
 * Names, defaults and values follow PyTorch; where a slope is not defined it is the left or the smaller one, as said.
 */
public final class Activations {
    /** Klambauer et al. 2017, equation 2. */
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;
    /** Above every argument: the exact form of softplus, which does not overflow, is used everywhere. */
    private static final double NEVER = 1e30;

    private Activations() {}

    private static Tensor unary(Unary.Kind kind, double alpha, double beta, Tensor x) {
        return Ops.apply(new Unary(kind, alpha, beta), x);
    }

    /** The perceptron's step: 1 where x is at least 0, else 0 (Rosenblatt 1958). Its gradient is 0 everywhere. */
    public static Tensor step(Tensor x) {
        return step(x, 1);
    }

    /** 1 where x is above 0, 0 below, {@code atZero} at 0. Its gradient is 0 everywhere. */
    public static Tensor step(Tensor x, double atZero) {
        return unary(Unary.Kind.STEP, atZero, 0, x);
    }

    /** 1.7159 tanh(2/3 x), for which f(1) = 1 and f(-1) = -1 (LeCun et al. 1998, "Efficient BackProp", section 4.4). */
    public static Tensor scaledTanh(Tensor x) {
        return x.mul(2.0 / 3).tanh().mul(1.7159);
    }

    /** x above 0, else weight times x (He et al. 2015): weight is [1] or, for x [N, C, ...], one for each channel [C]. */
    public static Tensor prelu(Tensor x, Tensor weight) {
        Shape w = Objects.requireNonNull(weight, "weight").shape();
        boolean perChannel = w.count() > 1;
        if (w.rank() != 1 || perChannel && (x.shape().rank() < 2 || x.shape().dim(1) != w.dim(0))) {
            throw new IllegalArgumentException("prelu: the weight " + w + " must be [1] or one for each channel of x " + x.shape());
        }
        Tensor slope = perChannel ? weight.reshape(Dims.alongChannels(x.shape(), w.dim(0))) : weight;
        Tensor above = step(x, 0);
        Tensor below = unary(Unary.Kind.AFFINE, -1, 1, above);
        return x.mul(below.mul(slope, Broadcast.YES).add(above));
    }

    /** scale (x above 0, else alpha (exp(x) - 1)), scale = 1.0507, alpha = 1.6733 (Klambauer et al. 2017). */
    public static Tensor selu(Tensor x) {
        return x.elu(SELU_ALPHA).mul(SELU_SCALE);
    }

    /** x above 0, else alpha (exp(x / alpha) - 1), smooth at 0 for every alpha above 0 (Barron 2017). */
    public static Tensor celu(Tensor x, double alpha) {
        positive("celu: alpha", alpha);
        return x.mul(1 / alpha).elu(1).mul(alpha);
    }

    /** x / (1 + exp(-x)), also called swish. */
    public static Tensor silu(Tensor x) {
        return unary(Unary.Kind.SILU, 0, 0, x);
    }

    /** x tanh(log(1 + exp(x))) (Misra 2019). */
    public static Tensor mish(Tensor x) {
        return unary(Unary.Kind.MISH, 0, 0, x);
    }

    /** log(1 + exp(x)), x above 20. */
    public static Tensor softplus(Tensor x) {
        return softplus(x, 1, 20);
    }

    /** log(1 + exp(beta x)) / beta, and x where beta x is above the threshold; beta above 0. */
    public static Tensor softplus(Tensor x, double beta, double threshold) {
        return unary(Unary.Kind.SOFTPLUS, beta, threshold, x);
    }

    /** log of the logistic function, -log(1 + exp(-x)), exact on both sides. */
    public static Tensor logSigmoid(Tensor x) {
        return unary(Unary.Kind.SOFTPLUS, 1, NEVER, x.mul(-1)).mul(-1);
    }

    /** x / (1 + |x|). */
    public static Tensor softsign(Tensor x) {
        return unary(Unary.Kind.SOFTSIGN, 0, 0, x);
    }

    /** x within [least, most]; gradient 0 at the bounds and beyond. */
    public static Tensor clamp(Tensor x, double least, double most) {
        return unary(Unary.Kind.CLAMP, least, most, x);
    }

    /** x within [-1, 1]. */
    public static Tensor hardTanh(Tensor x) {
        return clamp(x, -1, 1);
    }

    /** x within [0, 6]. */
    public static Tensor relu6(Tensor x) {
        return clamp(x, 0, 6);
    }

    /** x / 6 + 1/2 within [0, 1] (Howard et al. 2019). */
    public static Tensor hardSigmoid(Tensor x) {
        return clamp(unary(Unary.Kind.AFFINE, 1.0 / 6, 0.5, x), 0, 1);
    }

    /** x hardSigmoid(x) (Howard et al. 2019). */
    public static Tensor hardSwish(Tensor x) {
        return unary(Unary.Kind.HARD_SWISH, 0, 0, x);
    }

    /** x where it is above the threshold, else the value. */
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return unary(Unary.Kind.THRESHOLD, threshold, value, x);
    }

    /** x where |x| is above lambda (PyTorch's default: 0.5), else 0. */
    public static Tensor hardShrink(Tensor x, double lambda) {
        return unary(Unary.Kind.HARD_SHRINK, lambda, 0, x);
    }

    /** x moved by lambda (PyTorch's default: 0.5) towards 0, and 0 where |x| is at most lambda. */
    public static Tensor softShrink(Tensor x, double lambda) {
        return unary(Unary.Kind.SOFT_SHRINK, lambda, 0, x);
    }

    /** x - tanh(x). */
    public static Tensor tanhShrink(Tensor x) {
        return x.sub(x.tanh());
    }

    /** exp(x) over its sum along a dimension. */
    public static Tensor softmax(Tensor x, int dim) {
        return Dims.last(x, dim, Tensor::softmax);
    }

    /** The logarithm of {@link #softmax}. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        return Dims.last(x, dim, Tensor::logSoftmax);
    }

    /** Softmax of -x along a dimension. */
    public static Tensor softmin(Tensor x, int dim) {
        return softmax(x.mul(-1), dim);
    }

    /** Gated linear unit: a sigmoid(b), a and b being the first and second half along a dimension (Dauphin et al. 2017). */
    public static Tensor glu(Tensor x, int dim) {
        int d = Dims.index("glu", x.shape(), dim);
        long size = x.shape().dim(d);
        if (size % 2 != 0) {
            throw new IllegalArgumentException("glu: dimension " + dim + " of " + x.shape() + " has an odd size");
        }
        return x.slice(d, 0, size / 2).mul(x.slice(d, size / 2, size / 2).sigmoid());
    }

    /**
     * The largest of each {@code pieces} consecutive elements along a dimension, whose size is divided by that
     * (Goodfellow et al. 2013). Equals share the gradient.
     */
    public static Tensor maxout(Tensor x, int dim, long pieces) {
        int d = Dims.index("maxout", x.shape(), dim);
        if (pieces < 1 || x.shape().dim(d) % pieces != 0) {
            throw new IllegalArgumentException("maxout: " + pieces + " pieces do not divide dimension " + dim + " of " + x.shape());
        }
        return x.reshape(Dims.split(x.shape(), d, pieces)).max(d + 1);
    }

    private static void positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be positive and finite, not " + value);
        }
    }
}
