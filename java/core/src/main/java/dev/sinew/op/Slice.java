package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_slice_args;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Elements start, start + step, ... along one dimension, in the layout of the input.
 *
 * @param dim the dimension, a negative one counted from the end
 * @param start at least 0
 * @param length how many, at least 1; the last must exist
 * @param step at least 1
 */
public record Slice(int dim, long start, long length, long step) implements Op {
    /** Checks the ranges. */
    public Slice {
        if (start < 0 || length < 1 || step < 1) {
            throw new IllegalArgumentException("slice: start must be at least 0, length and step at least 1, not start " + start
                    + ", length " + length + ", step " + step);
        }
    }

    @Override
    public String name() {
        return "slice";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        Spec x = inputs.getFirst();
        int d = Check.dim(this, inputs, 0, dim);
        long size = x.shape().dim(d);
        if (start >= size || length - 1 > (size - 1 - start) / step) {
            throw Ops.error(this, inputs, length + " elements from " + start + " in steps of " + step + " exceed size " + size
                    + " of dimension " + dim);
        }
        return List.of(new Spec(x.dtype(), x.shape().with(d, length), x.layout()));
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return length == inputs.getFirst().shape().dim(dim);
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_SLICE_FORWARD(), dim, start, step, call.input(0), length);
        call.in(args, sn_slice_args.x$offset(), 0);
        call.out(args, sn_slice_args.y$offset(), 0);
    }

    /** Begins a call with everything but the pointers. */
    static MemorySegment begin(Call call, int code, int dim, long start, long step, Spec x, long length) {
        var args = call.begin(code, sn_slice_args.layout());
        long[] sizes = x.physicalDims();
        int place = x.physicalIndex(dim);
        sn_slice_args.dtype(args, x.dtype().code());
        sn_slice_args.outer(args, Check.product(sizes, 0, place));
        sn_slice_args.size(args, sizes[place]);
        sn_slice_args.inner(args, Check.product(sizes, place + 1, sizes.length));
        sn_slice_args.start(args, start);
        sn_slice_args.step(args, step);
        sn_slice_args.length(args, length);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new SliceGradient(dim, start, step, context.spec(0).shape()), context.dy())};
    }
}
