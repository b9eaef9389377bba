package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_unary_args;
import java.util.List;
import java.util.Objects;

/**
 * An elementwise function of one tensor.
 *
 * @param kind which function
 * @param alpha leaky ReLU's slope, ELU's alpha, the factor of AFFINE, and what the kinds say; ignored by the others
 * @param beta the summand of AFFINE, and what the kinds say; ignored by the others
 */
public record Unary(Kind kind, double alpha, double beta) implements Op {
    /** What the derivative is computed from. */
    enum From { NOTHING, X, Y }

    /** The functions. */
    public enum Kind {
        /** max(x, 0). */
        RELU(Sinew.SN_RELU(), From.Y, Activation.Kind.RELU),
        /** 1 / (1 + exp(-x)). */
        SIGMOID(Sinew.SN_SIGMOID(), From.Y, Activation.Kind.SIGMOID),
        /** Hyperbolic tangent. */
        TANH(Sinew.SN_TANH(), From.Y, Activation.Kind.TANH),
        /** x for x above 0, alpha x below. */
        LEAKY_RELU(Sinew.SN_LEAKY_RELU(), From.X, Activation.Kind.LEAKY_RELU),
        /** x for x above 0, alpha (exp(x) - 1) below. */
        ELU(Sinew.SN_ELU(), From.X, Activation.Kind.ELU),
        /** x Phi(x), Phi the normal distribution function (Hendrycks, Gimpel 2016). */
        GELU(Sinew.SN_GELU(), From.X, null),
        /** The tanh approximation of GELU. */
        GELU_TANH(Sinew.SN_GELU_TANH(), From.X, null),
        /** e^x. */
        EXP(Sinew.SN_EXP(), From.Y, null),
        /** Natural logarithm. */
        LOG(Sinew.SN_LOG(), From.X, null),
        /** Square root. */
        SQRT(Sinew.SN_SQRT(), From.Y, null),
        /** x^2. */
        SQUARE(Sinew.SN_SQUARE(), From.X, null),
        /** |x|; derivative 0 at 0. */
        ABS(Sinew.SN_ABS(), From.X, null),
        /** alpha x + beta. */
        AFFINE(Sinew.SN_AFFINE(), From.NOTHING, null),
        /** 1 / x. */
        RECIPROCAL(Sinew.SN_RECIPROCAL(), From.Y, null),
        /** -1, 0 or 1; derivative 0. */
        SIGN(Sinew.SN_SIGN(), From.NOTHING, null),
        /** x / (1 + exp(-x)), also called swish (Elfwing et al. 2018; Ramachandran et al. 2017). */
        SILU(Sinew.SN_SILU(), From.X, null),
        /** x tanh(log(1 + exp(x))) (Misra 2019). */
        MISH(Sinew.SN_MISH(), From.X, null),
        /** log(1 + exp(alpha x)) / alpha, and x where alpha x is above beta; alpha above 0. */
        SOFTPLUS(Sinew.SN_SOFTPLUS(), From.X, null),
        /** x / (1 + |x|). */
        SOFTSIGN(Sinew.SN_SOFTSIGN(), From.Y, null),
        /** x within [alpha, beta]; derivative 0 at the bounds and beyond. */
        CLAMP(Sinew.SN_CLAMP(), From.Y, null),
        /** x min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019); derivative 0 from -3 down and 1 from 3 up. */
        HARD_SWISH(Sinew.SN_HARD_SWISH(), From.X, null),
        /** x where it is above alpha, else beta. */
        THRESHOLD(Sinew.SN_THRESHOLD(), From.X, null),
        /** x where |x| is above alpha, else 0; alpha at least 0. */
        HARD_SHRINK(Sinew.SN_HARD_SHRINK(), From.X, null),
        /** x moved by alpha towards 0, and 0 where |x| is at most alpha; alpha at least 0. */
        SOFT_SHRINK(Sinew.SN_SOFT_SHRINK(), From.X, null),
        /** 1 above 0, 0 below, alpha at 0; derivative 0. */
        STEP(Sinew.SN_STEP(), From.NOTHING, null);

        final int code;
        private final From from;
        private final Activation.Kind fusable;

        Kind(int code, From from, Activation.Kind fusable) {
            this.code = code;
            this.from = from;
            this.fusable = fusable;
        }
    }

    /** Checks the parameters. */
    public Unary {
        Objects.requireNonNull(kind, "unary: kind");
        if (!Double.isFinite(alpha) || !Double.isFinite(beta)) {
            throw new IllegalArgumentException(kind.name().toLowerCase(java.util.Locale.ROOT) + ": the parameters must be finite, not " + alpha + " and " + beta);
        }
        checkParameters(kind, alpha, beta);
    }

    private static void checkParameters(Kind kind, double alpha, double beta) {
        String name = kind.name().toLowerCase(java.util.Locale.ROOT);
        switch (kind) {
            case SOFTPLUS -> require(alpha > 0, name, "the factor must be positive, not " + alpha);
            case CLAMP -> require(alpha <= beta, name, "the lower bound " + alpha + " is above the upper " + beta);
            case HARD_SHRINK, SOFT_SHRINK -> require(alpha >= 0, name, "the threshold must not be negative, not " + alpha);
            default -> { }
        }
    }

    private static void require(boolean holds, String name, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + rule);
        }
    }

    /** A function without parameters. */
    public static Unary of(Kind kind) {
        return new Unary(kind, 0, 0);
    }

    From from() {
        boolean positiveSlope = (kind == Kind.LEAKY_RELU || kind == Kind.ELU) && alpha > 0;
        return positiveSlope ? From.Y : kind.from;
    }

    /** The epilogue that computes the same, or null: none, or its derivative would need x. */
    public Activation fusable() {
        return kind.fusable == null || from() != From.Y ? null : new Activation(kind.fusable, alpha);
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        return inputs;
    }

    @Override
    public boolean inPlace(int i) {
        return true;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_UNARY_FORWARD(), sn_unary_args.layout());
        sn_unary_args.dtype(args, call.input(0).dtype().code());
        sn_unary_args.kind(args, kind.code);
        sn_unary_args.alpha(args, alpha);
        sn_unary_args.beta(args, beta);
        sn_unary_args.count(args, call.input(0).shape().count());
        call.in(args, sn_unary_args.x$offset(), 0);
        call.out(args, sn_unary_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (kind == Kind.AFFINE) {
            return new Tensor[] {context.dy().mul(alpha)};
        }
        Tensor reference = from() == From.Y ? context.output(0) : context.input(0);
        return new Tensor[] {Ops.apply(new UnaryGradient(this), context.dy(), reference)};
    }
}
