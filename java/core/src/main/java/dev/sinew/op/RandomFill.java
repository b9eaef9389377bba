package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_random_args;
import java.util.List;
import java.util.Objects;

/**
 * Random numbers, a function of the seed, the step and the place in memory alone (Philox4x32-10, Salmon et al. 2011).
 * Input: step, an int64 scalar; output: as the specification says.
 *
 * @param kind which distribution
 * @param a UNIFORM: the least value; NORMAL: the mean
 * @param b UNIFORM: the bound above, not below a; NORMAL: the standard deviation, not negative
 * @param seed any number
 * @param spec type (floating-point), shape and layout of the result
 */
public record RandomFill(Kind kind, double a, double b, long seed, Spec spec) implements Op {
    /** The distributions. */
    public enum Kind {
        /** Evenly in [a, b). */
        UNIFORM(Sinew.SN_UNIFORM()),
        /** The normal distribution with mean a and standard deviation b. */
        NORMAL(Sinew.SN_NORMAL());

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** Checks the parameters and the type. */
    public RandomFill {
        Objects.requireNonNull(kind, "random: kind");
        Objects.requireNonNull(spec, "random: spec");
        Check.finite("random", "a", a);
        Check.finite("random", "b", b);
        if (kind == Kind.UNIFORM ? a > b || !Double.isFinite(b - a) : b < 0) {
            throw new IllegalArgumentException(kind == Kind.UNIFORM
                    ? "random: the interval from " + a + " to " + b + " is empty or too wide"
                    : "random: the standard deviation must be at least 0, not " + b);
        }
        if (!spec.dtype().isFloat()) {
            throw new IllegalArgumentException("random: the type must be F32 or F64, not " + spec.dtype());
        }
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.cell(this, inputs, 0, DType.I64, "the step");
        return List.of(spec);
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_RANDOM(), sn_random_args.layout());
        sn_random_args.dtype(args, spec.dtype().code());
        sn_random_args.kind(args, kind.code);
        sn_random_args.count(args, spec.shape().count());
        sn_random_args.a(args, a);
        sn_random_args.b(args, b);
        sn_random_args.seed(args, seed);
        call.in(args, sn_random_args.step$offset(), 0);
        call.out(args, sn_random_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[1];
    }
}
