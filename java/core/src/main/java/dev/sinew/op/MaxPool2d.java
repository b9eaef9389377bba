package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pool2d_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * The maximum of each window. Input x [N, C, H, W]; outputs y [N, C, OH, OW] and index (int32), the place iy * W + ix of
 * the maximum in the image. Padding counts as minus infinity, NaN wins, the first of equals is taken.
 *
 * @param window padding at most half the kernel
 * @param ceilMode whether the size of the result is rounded up
 * @param places whether there is an output index; a plan leaves it out where nothing takes it
 */
public record MaxPool2d(Window2d window, boolean ceilMode, boolean places) implements Op {
    /** Checks the padding. */
    public MaxPool2d {
        checkWindow("maxpool2d", window);
    }

    /** With both outputs. */
    public MaxPool2d(Window2d window, boolean ceilMode) {
        this(window, ceilMode, true);
    }

    static void checkWindow(String op, Window2d window) {
        Objects.requireNonNull(window, op + ": window");
        if (2 * window.padH() > window.kernelH() || 2 * window.padW() > window.kernelW()) {
            throw new IllegalArgumentException(op + ": the padding must be at most half the kernel, not " + window);
        }
    }

    @Override
    public String name() {
        return "maxpool2d";
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
        Shape x = inputs.getFirst().shape();
        if (places && x.dim(2) * x.dim(3) > Integer.MAX_VALUE) {
            throw Ops.error(this, inputs, "places in an image of more than 2^31 - 1 pixels do not fit into int32");
        }
        Shape y = result(this, inputs, window, ceilMode, x);
        Spec maxima = new Spec(inputs.getFirst().dtype(), y, Layout.CHANNELS_LAST);
        return places ? List.of(maxima, new Spec(DType.I32, y, Layout.CHANNELS_LAST)) : List.of(maxima);
    }

    /** The shape rule of pooling, for x of rank 4. */
    static Shape result(Op op, List<Spec> inputs, Window2d window, boolean ceilMode, Shape x) {
        long oh = window.outH(x.dim(2), ceilMode);
        long ow = window.outW(x.dim(3), ceilMode);
        if (oh < 1 || ow < 1) {
            throw Ops.error(op, inputs, "the window does not fit into the image: " + window.formula(x.dim(2), x.dim(3), ceilMode));
        }
        return Check.result(op, inputs, x.dim(0), x.dim(1), oh, ow);
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_MAXPOOL2D_FORWARD(), window, call.input(0).shape(), call.output(0).shape());
        call.in(args, sn_pool2d_args.x$offset(), 0);
        call.out(args, sn_pool2d_args.y$offset(), 0);
        if (places) {
            call.out(args, sn_pool2d_args.index$offset(), 1);
        }
    }

    /** Begins a call with everything but the pointers. */
    static MemorySegment begin(Call call, int code, Window2d window, Shape x, Shape y) {
        var args = call.begin(code, sn_pool2d_args.layout());
        sn_pool2d_args.dtype(args, call.output(0).dtype().code());
        sn_pool2d_args.n(args, x.dim(0));
        sn_pool2d_args.c(args, x.dim(1));
        sn_pool2d_args.h(args, x.dim(2));
        sn_pool2d_args.w(args, x.dim(3));
        sn_pool2d_args.oh(args, y.dim(2));
        sn_pool2d_args.ow(args, y.dim(3));
        sn_pool2d_args.kh(args, window.kernelH());
        sn_pool2d_args.kw(args, window.kernelW());
        sn_pool2d_args.stride_h(args, window.strideH());
        sn_pool2d_args.stride_w(args, window.strideW());
        sn_pool2d_args.pad_h(args, window.padH());
        sn_pool2d_args.pad_w(args, window.padW());
        sn_pool2d_args.dilation_h(args, window.dilationH());
        sn_pool2d_args.dilation_w(args, window.dilationW());
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (!places) {
            throw context.noRule("without the places of the maxima");
        }
        return new Tensor[] {
            Ops.apply(new MaxPool2dGradient(window, context.spec(0).shape()), context.dy(), context.output(1))
        };
    }

    /** One comparison for each tap of each window. */
    @Override
    public long flops(List<Spec> inputs) {
        return outputs(inputs).getFirst().shape().count() * window.kernelH() * window.kernelW();
    }
}
