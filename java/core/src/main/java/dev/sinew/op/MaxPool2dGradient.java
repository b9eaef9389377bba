package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link MaxPool2d}: every element of dy goes to the place its maximum came from. Inputs: dy
 * [N, C, OH, OW], index (int32) of the same shape; output dx.
 *
 * @param window of the pooling
 * @param x the shape of the image, [N, C, H, W]
 */
public record MaxPool2dGradient(Window2d window, Shape x) implements Op {
    /** Checks the padding, and that the image is of rank 4. */
    public MaxPool2dGradient {
        MaxPool2d.checkWindow("maxpool2d_gradient", window);
        Objects.requireNonNull(x, "maxpool2d_gradient: x");
        if (x.rank() != 4 || x.dim(2) * x.dim(3) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("maxpool2d_gradient: the image must have shape [N, C, H, W] and at most 2^31 - 1 pixels, not " + x);
        }
    }

    @Override
    public String name() {
        return "maxpool2d_gradient";
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
        Shape dy = inputs.get(0).shape();
        Check.shape(this, inputs, 1, dy, "the index");
        boolean ceil = dy.equals(MaxPool2d.result(this, inputs, window, true, x));
        boolean fits = window.outH(x.dim(2), false) >= 1 && window.outW(x.dim(3), false) >= 1;
        if (!ceil && !(fits && dy.equals(MaxPool2d.result(this, inputs, window, false, x)))) {
            throw Ops.error(this, inputs, "dy does not match the image " + x + ": " + window.formula(x.dim(2), x.dim(3), false));
        }
        return List.of(new Spec(inputs.get(0).dtype(), x, Layout.CHANNELS_LAST));
    }

    @Override
    public void encode(Call call) {
        var args = MaxPool2d.begin(call, Sinew.SN_OP_MAXPOOL2D_BACKWARD(), window, x, call.input(0).shape());
        call.in(args, sn_pool2d_args.dy$offset(), 0);
        call.in(args, sn_pool2d_args.index$offset(), 1);
        call.out(args, sn_pool2d_args.dx$offset(), 0);
    }

    /** Linear in dy: read again where it was put. */
    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new PoolGather(), context.dy(), context.input(1)), null};
    }
}
