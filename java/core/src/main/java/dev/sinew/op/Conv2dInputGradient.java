package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_conv2d_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Conv2d} with respect to its image, also known as transposed convolution. Inputs: dy
 * [N, O, OH, OW], weight [O, C/groups, KH, KW]; output dx.
 *
 * @param window of the convolution
 * @param groups of the convolution
 * @param x the shape of the image, [N, C, H, W]
 */
public record Conv2dInputGradient(Window2d window, long groups, Shape x) implements Op {
    /** Checks that groups is at least 1 and the image of rank 4. */
    public Conv2dInputGradient {
        Objects.requireNonNull(window, "conv2d_input_gradient: window");
        Conv2d.checkGroups(groups);
        Objects.requireNonNull(x, "conv2d_input_gradient: x");
        if (x.rank() != 4) {
            throw new IllegalArgumentException("conv2d_input_gradient: the image must have shape [N, C, H, W], not " + x);
        }
    }

    @Override
    public String name() {
        return "conv2d_input_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Check.rank(this, inputs, 0, 4, "[N, O, OH, OW]");
        Check.rank(this, inputs, 1, 4, "[O, C/groups, KH, KW]");
        Shape dy = Conv2d.result(this, inputs, window, groups, x, inputs.get(1).shape());
        Check.shape(this, inputs, 0, dy, "for an image " + x + ", dy");
        return List.of(new Spec(inputs.get(0).dtype(), x, Layout.CHANNELS_LAST));
    }

    @Override
    public void encode(Call call) {
        var args = Conv2d.begin(call, Sinew.SN_OP_CONV2D_BACKWARD_INPUT(), window, groups, x, call.input(0).shape());
        call.in(args, sn_conv2d_args.dy$offset(), 0);
        call.in(args, sn_conv2d_args.weight$offset(), 1);
        call.out(args, sn_conv2d_args.dx$offset(), 0);
        call.workspace(args, sn_conv2d_args.workspace$offset(), sn_conv2d_args.workspace_bytes$offset());
    }

    /** The operation is linear in dy, with the convolution as its adjoint, and linear in the weight. */
    @Override
    public Tensor[] gradient(Backward context) {
        Tensor ddx = context.dy();
        Tensor[] gradients = new Tensor[2];
        if (context.needs(0)) {
            gradients[0] = Ops.apply(new Conv2d(window, groups), ddx, context.input(1));
        }
        if (context.needs(1)) {
            gradients[1] = Ops.apply(new Conv2dWeightGradient(window, groups, context.spec(1).shape(), false), ddx, context.input(0));
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        return Conv2d.flops(inputs.get(0).shape(), inputs.get(1).shape());
    }
}
