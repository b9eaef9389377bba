package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link AvgPool2d}: every element of dy is spread over its window. Input dy [N, C, OH, OW]; output dx.
 *
 * @param window of the pooling
 * @param ceilMode of the pooling
 * @param countIncludePad of the pooling
 * @param x the shape of the image, [N, C, H, W]
 */
public record AvgPool2dGradient(Window2d window, boolean ceilMode, boolean countIncludePad, Shape x) implements Op {
    /** Checks dilation and padding, and that the image is of rank 4. */
    public AvgPool2dGradient {
        AvgPool2d.checkWindow("avgpool2d_gradient", window);
        Objects.requireNonNull(x, "avgpool2d_gradient: x");
        if (x.rank() != 4) {
            throw new IllegalArgumentException("avgpool2d_gradient: the image must have shape [N, C, H, W], not " + x);
        }
    }

    @Override
    public String name() {
        return "avgpool2d_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.CHANNELS_LAST;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Shape dy = MaxPool2d.result(this, inputs, window, ceilMode, x);
        Check.shape(this, inputs, 0, dy, "for an image " + x + ", dy");
        return List.of(new Spec(inputs.getFirst().dtype(), x, Layout.CHANNELS_LAST));
    }

    @Override
    public void encode(Call call) {
        var args = MaxPool2d.begin(call, Sinew.SN_OP_AVGPOOL2D_BACKWARD(), window, x, call.input(0).shape());
        sn_pool2d_args.count_include_pad(args, countIncludePad ? 1 : 0);
        call.in(args, sn_pool2d_args.dy$offset(), 0);
        call.out(args, sn_pool2d_args.dx$offset(), 0);
    }

    /** Linear, with the pooling itself as its adjoint. */
    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new AvgPool2d(window, ceilMode, countIncludePad), context.dy())};
    }
}
