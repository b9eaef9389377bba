package dev.sinew.op;

import dev.sinew.Tensor;
import dev.sinew.functional.Activations;
import java.util.List;
import java.util.function.UnaryOperator;

/** The activation functions: kinds of Unary with parameters of their own, and compositions. */
final class ActivationCases {
    private static final List<Unary.Kind> WITH_PARAMETERS = List.of(Unary.Kind.SOFTPLUS, Unary.Kind.CLAMP, Unary.Kind.THRESHOLD,
            Unary.Kind.HARD_SHRINK, Unary.Kind.SOFT_SHRINK);

    private ActivationCases() {}

    /** Whether the grid of all kinds leaves this one to us. */
    static boolean own(Unary.Kind kind) {
        return WITH_PARAMETERS.contains(kind);
    }

    static void add(List<OpCase> all) {
        for (Unary op : List.of(new Unary(Unary.Kind.SOFTPLUS, 1, 20), new Unary(Unary.Kind.SOFTPLUS, 0.5, 0.4), new Unary(Unary.Kind.CLAMP, -0.4, 0.9),
                new Unary(Unary.Kind.THRESHOLD, 0.3, -2), new Unary(Unary.Kind.HARD_SHRINK, 0.6, 0), new Unary(Unary.Kind.SOFT_SHRINK, 0.6, 0))) {
            all.add(OpCase.of(op).normal(2, 3, 2, 5).twice());
            all.add(OpCase.of(op).positive(17).twice());
        }
        for (double scale : new double[] {1, 4}) {
            map(all, "hard_swish of " + scale, x -> Activations.hardSwish(x.mul(scale)));
            map(all, "hard_sigmoid of " + scale, x -> Activations.hardSigmoid(x.mul(scale)));
            map(all, "relu6 of " + scale, x -> Activations.relu6(x.mul(scale)));
            map(all, "mish of " + scale, x -> Activations.mish(x.mul(scale)));
            map(all, "silu of " + scale, x -> Activations.silu(x.mul(scale)));
        }
        map(all, "softplus", x -> Activations.softplus(x, 0.7, 1));
        map(all, "clamp", x -> Activations.clamp(x, -0.5, 0.8));
        map(all, "threshold", x -> Activations.threshold(x, 0.2, -1));
        map(all, "hard_shrink", x -> Activations.hardShrink(x, 0.4));
        map(all, "soft_shrink", x -> Activations.softShrink(x, 0.4));
        map(all, "step", x -> Activations.step(x).mul(x));
        map(all, "scaled_tanh", Activations::scaledTanh);
        map(all, "selu", Activations::selu);
        map(all, "celu", x -> Activations.celu(x, 0.7));
        map(all, "log_sigmoid", Activations::logSigmoid);
        map(all, "hard_tanh", Activations::hardTanh);
        map(all, "tanh_shrink", Activations::tanhShrink);
        map(all, "softsign", Activations::softsign);
        for (int dim = -4; dim < 4; dim++) {
            int d = dim;
            map(all, "softmax along " + d, x -> Activations.softmax(x, d));
            map(all, "log_softmax along " + d, x -> Activations.logSoftmax(x, d));
            map(all, "maxout along " + d, x -> Activations.maxout(x, d, x.shape().dim(d) % 2 == 0 ? 2 : 1));
        }
        map(all, "softmin", x -> Activations.softmin(x, 1));
        map(all, "glu along 0", x -> Activations.glu(x, 0));
        map(all, "glu along -2", x -> Activations.glu(x, -2));
        for (long[] x : new long[][] {{4, 3}, {2, 3, 4}, {2, 3, 4, 5}}) {
            all.add(OpCase.named("prelu", in -> new Tensor[] {Activations.prelu(in[0], in[1])}).normal(x).normal(1).twice());
            all.add(OpCase.named("prelu per channel", in -> new Tensor[] {Activations.prelu(in[0], in[1])}).normal(x).normal(3).twice());
        }
    }

    private static void map(List<OpCase> all, String name, UnaryOperator<Tensor> function) {
        all.add(OpCase.named(name, in -> new Tensor[] {function.apply(in[0])}).normal(2, 3, 4, 5).twice());
    }
}
