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
 * The gradient of {@link Conv2d} with respect to its parameters. Inputs: x [N, C, H, W], dy [N, O, OH, OW]; outputs
 * dweight and, where asked for, dbias [O], the sum of dy over N, OH and OW.
 *
 * @param window of the convolution
 * @param groups of the convolution
 * @param weight the shape of the weight, [O, C/groups, KH, KW]
 * @param bias whether dbias is computed too
 */
public record Conv2dWeightGradient(Window2d window, long groups, Shape weight, boolean bias) implements Op {
    /** Checks that groups is at least 1 and the weight of rank 4. */
    public Conv2dWeightGradient {
        Objects.requireNonNull(window, "conv2d_weight_gradient: window");
        Conv2d.checkGroups(groups);
        Objects.requireNonNull(weight, "conv2d_weight_gradient: weight");
        if (weight.rank() != 4) {
            throw new IllegalArgumentException("conv2d_weight_gradient: the weight must have shape [O, C/groups, KH, KW], not " + weight);
        }
    }

    @Override
    public String name() {
        return "conv2d_weight_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.CHANNELS_LAST;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Check.rank(this, inputs, 0, 4, "[N, C, H, W]");
        Check.rank(this, inputs, 1, 4, "[N, O, OH, OW]");
        Shape dy = Conv2d.result(this, inputs, window, groups, inputs.get(0).shape(), weight);
        Check.shape(this, inputs, 1, dy, "for a weight " + weight + ", dy");
        Spec dweight = Spec.of(inputs.get(0).dtype(), weight);
        return bias ? List.of(dweight, dweight.withShape(Shape.of(weight.dim(0)))) : List.of(dweight);
    }

    @Override
    public void encode(Call call) {
        var args = Conv2d.begin(call, Sinew.SN_OP_CONV2D_BACKWARD_WEIGHT(), window, groups, call.input(0).shape(), call.input(1).shape());
        call.in(args, sn_conv2d_args.x$offset(), 0);
        call.in(args, sn_conv2d_args.dy$offset(), 1);
        call.out(args, sn_conv2d_args.dweight$offset(), 0);
        if (bias) {
            call.out(args, sn_conv2d_args.dbias$offset(), 1);
        }
        call.workspace(args, sn_conv2d_args.workspace$offset(), sn_conv2d_args.workspace_bytes$offset());
    }

    /** Linear in x and in dy: the other two passes with the gradient of dweight as the weight. */
    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[2];
        Tensor byWeight = context.gradient(0);
        Tensor byBias = bias ? context.gradient(1) : null;
        if (context.needs(0) && byWeight != null) {
            gradients[0] = Ops.apply(new Conv2dInputGradient(window, groups, context.spec(0).shape()), context.input(1), byWeight);
        }
        if (context.needs(1)) {
            gradients[1] = byWeight != null
                    ? Ops.apply(new Conv2d(window, groups), Ops.present(context.input(0), byWeight, byBias))
                    : Ops.apply(new BroadcastTo(context.spec(1).shape()), byBias.reshape(1, -1, 1, 1));
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        return Conv2d.flops(inputs.get(1).shape(), weight);
    }
}
