package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_resample_args;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;

/**
 * Every line along one dimension times a sparse matrix, in the layout of the input: resizing, padding by mirroring,
 * windows side by side, averages over bins of any size.
 *
 * @param dim the dimension, a negative one counted from the end
 * @param taps the matrix; the dimension has its {@link Taps#size}, and {@link Taps#outputs} in the result
 */
public record Resample(int dim, Taps taps) implements Op {
    /** Checks that the matrix is there. */
    public Resample {
        Objects.requireNonNull(taps, "resample: taps");
    }

    @Override
    public String name() {
        return "resample";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Spec x = inputs.getFirst();
        int d = Check.dim(this, inputs, 0, dim);
        if (x.shape().dim(d) != taps.size()) {
            throw Ops.error(this, inputs, "dimension " + dim + " has size " + x.shape().dim(d) + ", the matrix is for " + taps.size());
        }
        long[] sizes = x.shape().dims();
        sizes[d] = taps.outputs();
        return List.of(new Spec(x.dtype(), Check.result(this, inputs, sizes), x.layout()));
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_RESAMPLE(), sn_resample_args.layout());
        Spec x = call.input(0);
        long[] sizes = x.physicalDims();
        int place = x.physicalIndex(dim);
        MemorySegment offset = call.array(taps.offset().length);
        MemorySegment index = call.array(taps.terms());
        MemorySegment weight = call.array(taps.terms());
        MemorySegment.copy(taps.offset(), 0, offset, ValueLayout.JAVA_LONG, 0, taps.offset().length);
        MemorySegment.copy(taps.index(), 0, index, ValueLayout.JAVA_LONG, 0, taps.index().length);
        MemorySegment.copy(taps.weight(), 0, weight, ValueLayout.JAVA_DOUBLE, 0, taps.weight().length);
        sn_resample_args.dtype(args, x.dtype().code());
        sn_resample_args.outer(args, Check.product(sizes, 0, place));
        sn_resample_args.size(args, sizes[place]);
        sn_resample_args.inner(args, Check.product(sizes, place + 1, sizes.length));
        sn_resample_args.outputs(args, taps.outputs());
        sn_resample_args.terms(args, taps.terms());
        sn_resample_args.offset(args, offset);
        sn_resample_args.index(args, index);
        sn_resample_args.weight(args, weight);
        call.in(args, sn_resample_args.x$offset(), 0);
        call.out(args, sn_resample_args.y$offset(), 0);
    }

    /** Linear, with the transposed matrix as its adjoint. */
    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new Resample(dim, taps.transposed()), context.dy())};
    }

    /** A multiply-add for every weight and line. */
    @Override
    public long flops(List<Spec> inputs) {
        return 2 * taps.terms() * (inputs.getFirst().shape().count() / taps.size());
    }
}
