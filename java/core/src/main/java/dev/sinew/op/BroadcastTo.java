package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_permute_args;
import java.util.List;
import java.util.Objects;

/**
 * The elements repeated to a larger shape: aligned at the last dimension, sizes of 1 and missing ones grow. From rank 4 to
 * rank 4 the layout stays.
 *
 * @param shape the shape of the result
 */
public record BroadcastTo(Shape shape) implements Op {
    /** Checks that the shape is there. */
    public BroadcastTo {
        Objects.requireNonNull(shape, "broadcast_to: shape");
    }

    @Override
    public String name() {
        return "broadcast_to";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return shape.rank() == 4 ? inputs.get(i).layout() : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        Spec x = inputs.getFirst();
        int missing = shape.rank() - x.shape().rank();
        boolean fits = missing >= 0;
        for (int d = 0; fits && d < x.shape().rank(); d++) {
            long size = x.shape().dim(d);
            fits = size == 1 || size == shape.dim(d + missing);
        }
        if (!fits) {
            throw Ops.error(this, inputs, "shape " + x.shape() + " cannot be repeated to " + shape
                    + ": aligned at the last dimension, each size must be equal or 1");
        }
        return List.of(new Spec(x.dtype(), shape, x.layout()));
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return inputs.getFirst().shape().count() == shape.count();
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_PERMUTE(), sn_permute_args.layout());
        Spec y = call.output(0);
        sn_permute_args.dtype(args, y.dtype().code());
        sn_permute_args.dims(args, shape.rank());
        call.longs(args, sn_permute_args.shape$offset(), y.physicalDims());
        call.longs(args, sn_permute_args.stride$offset(), Binary.strides(call.input(0), y));
        call.in(args, sn_permute_args.x$offset(), 0);
        call.out(args, sn_permute_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Reduce.sumTo(context.dy(), context.spec(0).shape())};
    }
}
