package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_args;
import java.util.List;

/**
 * The mean of each window. Input x [N, C, H, W]; output y [N, C, OH, OW].
 *
 * @param window dilation 1, padding at most half the kernel
 * @param ceilMode whether the size of the result is rounded up
 * @param countIncludePad whether zeros of the padding count in the divisor
 */
public record AvgPool2d(Window2d window, boolean ceilMode, boolean countIncludePad) implements Op {
    /** Checks dilation and padding. */
    public AvgPool2d {
        checkWindow("avgpool2d", window);
    }

    static void checkWindow(String op, Window2d window) {
        MaxPool2d.checkWindow(op, window);
        if (window.dilationH() != 1 || window.dilationW() != 1) {
            throw new IllegalArgumentException(op + ": the dilation must be 1, not " + window);
        }
    }

    @Override
    public String name() {
        return "avgpool2d";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.CHANNELS_LAST;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Check.rank(this, inputs, 0, 4, "[N, C, H, W]");
        Spec x = inputs.getFirst();
        return List.of(new Spec(x.dtype(), MaxPool2d.result(this, inputs, window, ceilMode, x.shape()), Layout.CHANNELS_LAST));
    }

    @Override
    public void encode(Call call) {
        var args = MaxPool2d.begin(call, Sinew.SN_OP_AVGPOOL2D_FORWARD(), window, call.input(0).shape(), call.output(0).shape());
        sn_pool2d_args.count_include_pad(args, countIncludePad ? 1 : 0);
        call.in(args, sn_pool2d_args.x$offset(), 0);
        call.out(args, sn_pool2d_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Op op = new AvgPool2dGradient(window, ceilMode, countIncludePad, context.spec(0).shape());
        return new Tensor[] {Ops.apply(op, context.dy())};
    }

    /** One addition for each tap of each window. */
    @Override
    public long flops(List<Spec> inputs) {
        return outputs(inputs).getFirst().shape().count() * window.kernelH() * window.kernelW();
    }
}
