package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_index_args;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The elements of an image at noted places. Inputs: x [N, C, H, W] (int32 is moved, too) and index (int32)
 * [N, C, OH, OW], places iy * W + ix as {@link MaxPool2d} notes them; output y like index, 0 where there is no such place.
 */
public record PoolGather() implements Op {
    @Override
    public String name() {
        return "pool_gather";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.CHANNELS_LAST;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Check.movable(this, inputs, 0);
        Check.dtype(this, inputs, 1, DType.I32, "the index");
        Check.rank(this, inputs, 0, 4, "[N, C, H, W]");
        Check.rank(this, inputs, 1, 4, "[N, C, OH, OW]");
        Shape index = inputs.get(1).shape();
        checkImage(this, inputs, inputs.getFirst().shape(), index);
        return List.of(new Spec(inputs.getFirst().dtype(), index, Layout.CHANNELS_LAST));
    }

    static void checkImage(Op op, List<Spec> inputs, Shape image, Shape index) {
        if (image.dim(0) != index.dim(0) || image.dim(1) != index.dim(1)) {
            throw Ops.error(op, inputs, "the index " + index + " must have the N and C of the image " + image);
        }
        if (image.dim(2) * image.dim(3) > Integer.MAX_VALUE) {
            throw Ops.error(op, inputs, "places in an image of more than 2^31 - 1 pixels do not fit into int32");
        }
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_POOL2D_GATHER(), call.input(0).shape(), call.input(1).shape());
        call.in(args, sn_pool2d_index_args.x$offset(), 0);
        call.in(args, sn_pool2d_index_args.index$offset(), 1);
        call.out(args, sn_pool2d_index_args.y$offset(), 0);
    }

    /** Begins a call with everything but the pointers. */
    static MemorySegment begin(Call call, int code, Shape image, Shape index) {
        var args = call.begin(code, sn_pool2d_index_args.layout());
        sn_pool2d_index_args.dtype(args, call.output(0).dtype().code());
        sn_pool2d_index_args.n(args, image.dim(0));
        sn_pool2d_index_args.c(args, image.dim(1));
        sn_pool2d_index_args.size(args, image.dim(2) * image.dim(3));
        sn_pool2d_index_args.outputs(args, index.dim(2) * index.dim(3));
        return args;
    }

    /** What was read from one place is added up there. */
    @Override
    public Tensor[] gradient(Backward context) {
        Shape x = context.spec(0).shape();
        return new Tensor[] {Ops.apply(new PoolScatter(x.dim(2), x.dim(3), false), context.dy(), context.input(1)), null};
    }
}
