package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_clip_args;
import java.util.List;
import java.util.Objects;

/**
 * Bounds a gradient where it is (Pascanu, Mikolov, Bengio 2013, algorithm 1).
 *
 * <p>Inputs: x, and for NORM a float64 scalar that receives the norm as it was. Both are overwritten; there is no output.
 *
 * @param kind how
 * @param limit at least 0
 */
public record ClipStep(Kind kind, double limit) implements Op {
    /** By what a gradient is bounded. */
    public enum Kind {
        /**
         * x limit / (norm + 1e-6) where that is less than x, the norm being the root of the sum of squares, in float64 and in an
         * order that does not depend on the number of threads. As PyTorch's clip_grad_norm_: of an infinite or NaN norm
         * come zeros and NaN.
         */
        NORM,
        /** Every element into [-limit, limit]; NaN stays. */
        VALUE
    }

    /** Checks the limit. */
    public ClipStep {
        Objects.requireNonNull(kind, "kind");
        Check.notNegative("clip", "limit", limit);
    }

    @Override
    public String name() {
        return "clip";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int count = kind == Kind.NORM ? 2 : 1;
        Ops.arity(this, inputs, count, count);
        Ops.floating(this, inputs, 0);
        if (kind == Kind.NORM) {
            Check.cell(this, inputs, 1, DType.F64, "the norm");
        }
        return List.of();
    }

    @Override
    public int[] mutates() {
        return kind == Kind.NORM ? new int[] {0, 1} : new int[] {0};
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_CLIP(), sn_clip_args.layout());
        sn_clip_args.dtype(args, call.input(0).dtype().code());
        sn_clip_args.kind(args, kind == Kind.NORM ? Sinew.SN_CLIP_NORM() : Sinew.SN_CLIP_VALUE());
        sn_clip_args.count(args, call.input(0).shape().count());
        sn_clip_args.limit(args, limit);
        call.in(args, sn_clip_args.x$offset(), 0);
        if (kind == Kind.NORM) {
            call.in(args, sn_clip_args.norm$offset(), 1);
        }
        call.workspace(args, sn_clip_args.workspace$offset(), sn_clip_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(it changes a gradient where it is)");
    }
}
