package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_index_args;
import java.util.List;

/**
 * Elements put at noted places of an image of zeros: max-unpooling (Zeiler, Fergus 2014). Inputs: x [N, C, OH, OW] and
 * index (int32) like x, places iy * W + ix; output y [N, C, H, W]. Places outside the image are left out.
 *
 * @param h rows of the image
 * @param w columns of the image
 * @param overwrite where a place is noted several times: whether the last element counts, as for PyTorch's max_unpool2d,
 *     and not the sum. The gradient then still goes to all of them, as there.
 */
public record PoolScatter(long h, long w, boolean overwrite) implements Op {
    /** Checks the size of the image. */
    public PoolScatter {
        if (h < 1 || w < 1 || h > Integer.MAX_VALUE || w > Integer.MAX_VALUE / h) {
            throw new IllegalArgumentException("pool_scatter: the image must have 1 to 2^31 - 1 pixels, not " + h + " x " + w);
        }
    }

    @Override
    public String name() {
        return "pool_scatter";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.CHANNELS_LAST;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0);
        Check.dtype(this, inputs, 1, DType.I32, "the index");
        Check.rank(this, inputs, 0, 4, "[N, C, OH, OW]");
        Shape x = inputs.getFirst().shape();
        Check.shape(this, inputs, 1, x, "the index");
        return List.of(new Spec(inputs.getFirst().dtype(), Check.result(this, inputs, x.dim(0), x.dim(1), h, w), Layout.CHANNELS_LAST));
    }

    @Override
    public void encode(Call call) {
        var args = PoolGather.begin(call, Sinew.SN_OP_POOL2D_SCATTER(), call.output(0).shape(), call.input(0).shape());
        sn_pool2d_index_args.overwrite(args, overwrite ? 1 : 0);
        call.in(args, sn_pool2d_index_args.x$offset(), 0);
        call.in(args, sn_pool2d_index_args.index$offset(), 1);
        call.out(args, sn_pool2d_index_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new PoolGather(), context.dy(), context.input(1)), null};
    }
}
