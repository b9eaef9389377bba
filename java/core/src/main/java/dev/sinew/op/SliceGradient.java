package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_slice_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Slice}: dy at the places that were taken, 0 elsewhere, in the layout of dy.
 *
 * @param dim of the slice
 * @param start of the slice
 * @param step of the slice
 * @param x the shape of the slice's input
 */
public record SliceGradient(int dim, long start, long step, Shape x) implements Op {
    /** Checks the ranges. */
    public SliceGradient {
        Objects.requireNonNull(x, "slice_gradient: x");
        if (start < 0 || step < 1) {
            throw new IllegalArgumentException("slice_gradient: start must be at least 0 and step at least 1, not start " + start
                    + ", step " + step);
        }
        if (dim < -x.rank() || dim >= x.rank()) {
            throw new IllegalArgumentException("slice_gradient: dimension " + dim + " does not exist in shape " + x);
        }
    }

    @Override
    public String name() {
        return "slice_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        Spec dy = inputs.getFirst();
        if (dy.shape().rank() != x.rank()) {
            throw Ops.error(this, inputs, "dy must have rank " + x.rank() + ", that of " + x);
        }
        long length = dy.shape().dim(dim);
        Check.shape(this, inputs, 0, x.with(dim, length), "dy");
        long size = x.dim(dim);
        if (start >= size || length - 1 > (size - 1 - start) / step) {
            throw Ops.error(this, inputs, length + " elements from " + start + " in steps of " + step + " exceed size " + size
                    + " of dimension " + dim);
        }
        return List.of(new Spec(dy.dtype(), x, dy.layout()));
    }

    @Override
    public void encode(Call call) {
        var args = Slice.begin(call, Sinew.SN_OP_SLICE_BACKWARD(), dim, start, step, call.output(0), call.input(0).shape().dim(dim));
        call.in(args, sn_slice_args.dy$offset(), 0);
        call.out(args, sn_slice_args.dx$offset(), 0);
    }

    /** Linear, with the slice as its adjoint. */
    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new Slice(dim, start, context.spec(0).shape().dim(dim), step), context.dy())};
    }
}
