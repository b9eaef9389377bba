package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_conv2d_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Two-dimensional cross-correlation: y = act(x * weight + bias). Inputs: x [N, C, H, W], weight [O, C/groups, KH, KW] and
 * optionally bias [O]; output y [N, O, OH, OW]. Output channel o sees the input channels of its group,
 * o / (O/groups).
 *
 * <p>Plans make use of two more inputs, which stand behind the weight where they are used: a residual like y, added before
 * the activation, and the weight as {@link Conv2dPack} gives it. And they let it pool its result: y is [N, O, OH/h, OW/w] then.
 *
 * @param window kernel (the weight's last two sizes), stride, padding, dilation
 * @param groups divides C and O; C for a depthwise convolution
 * @param activation applied to the result
 * @param residual whether there is a residual
 * @param packed whether there is a packed weight, too
 * @param pooling of the activated result; not together with a residual
 */
public record Conv2d(Window2d window, long groups, Activation activation, boolean residual, boolean packed, WindowPooling pooling) implements Fusable {
    /** Checks that groups is at least 1, and what goes together. */
    public Conv2d {
        Objects.requireNonNull(window, "conv2d: window");
        Objects.requireNonNull(activation, "conv2d: activation");
        Objects.requireNonNull(pooling, "conv2d: pooling");
        checkGroups(groups);
        if (residual && pooling.kind() != WindowPooling.Kind.NONE) {
            throw new IllegalArgumentException("conv2d: a residual and a pooled result do not go together");
        }
    }

    /** With an activation. */
    public Conv2d(Window2d window, long groups, Activation activation) {
        this(window, groups, activation, false, false, WindowPooling.NONE);
    }

    /** Without activation. */
    public Conv2d(Window2d window, long groups) {
        this(window, groups, Activation.IDENTITY);
    }

    static void checkGroups(long groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("conv2d: groups must be at least 1, not " + groups);
        }
    }

    @Override
    public String name() {
        return "conv2d";
    }

    @Override
    public Op withActivation(Activation other) {
        return pooled() ? null : new Conv2d(window, groups, other, residual, packed, pooling);
    }

    /**
     * With a residual as input 2.
     *
     * @hidden
     */
    public Conv2d withResidual() {
        return new Conv2d(window, groups, activation, true, packed, pooling);
    }

    /**
     * With its result pooled.
     *
     * @hidden
     */
    public Conv2d withPooling(WindowPooling other) {
        return new Conv2d(window, groups, activation, residual, packed, other);
    }

    /**
     * Whether this pooling of its result is better left to itself: what libsinew computes by minimal filtering, 3x3 with 16 or with 32
     * and more channels, it makes whole in any case, 5x5 unless the windows are its tiles of 2x2. Pooled from its scratch memory it takes
     * more memory, and no less time.
     *
     * @hidden
     */
    public boolean madeWhole(Shape weight, WindowPooling pooling) {
        if (groups != 1 || !many(weight.dim(0))) {
            return false;
        }
        boolean three = window.equals(Window2d.of(3).pad(window.padH(), window.padW())) && many(weight.dim(1));
        boolean five = window.equals(Window2d.of(5).pad(window.padH(), window.padW())) && weight.dim(1) >= 6;
        return three || five && (pooling.h() != 2 || pooling.w() != 2);
    }

    private static boolean many(long channels) {
        return channels == 16 || channels >= 32;
    }

    /**
     * Whether the result is pooled.
     *
     * @hidden
     */
    public boolean pooled() {
        return pooling.kind() != WindowPooling.Kind.NONE;
    }

    /**
     * With a packed weight as input {@link #packedInput}.
     *
     * @hidden
     */
    public Conv2d withPacked() {
        return new Conv2d(window, groups, activation, residual, true, pooling);
    }

    /**
     * Where the packed weight stands, or would stand.
     *
     * @hidden
     */
    public int packedInput() {
        return residual ? 3 : 2;
    }

    /** Where the bias stands, if there is one. */
    private int biasInput() {
        return packedInput() + (packed ? 1 : 0);
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 || i == 2 && residual ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public boolean inPlace(int i) {
        return i == 2 && residual;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int bias = biasInput();
        Ops.arity(this, inputs, bias, bias + 1);
        Ops.allFloating(this, inputs);
        Check.rank(this, inputs, 0, 4, "[N, C, H, W]");
        Check.rank(this, inputs, 1, 4, "[O, C/groups, KH, KW]");
        Shape weight = inputs.get(1).shape();
        Shape y = result(this, inputs, window, groups, inputs.get(0).shape(), weight);
        if (residual) {
            Check.shape(this, inputs, 2, y, "the residual");
        }
        if (packed) {
            Spec bytes = new Conv2dPack(window, groups, inputs.getFirst().shape()).outputs(inputs.subList(1, 2)).getFirst();
            Check.shape(this, inputs, packedInput(), bytes.shape(), "the packed weight");
        }
        if (inputs.size() > bias) {
            Check.shape(this, inputs, bias, Shape.of(weight.dim(0)), "the bias");
        }
        if (!pooling.covers(y.dim(2), y.dim(3))) {
            throw Ops.error(this, inputs, "windows of " + pooling.h() + "x" + pooling.w() + " do not cover the result " + y);
        }
        Shape pooled = Shape.of(y.dim(0), y.dim(1), y.dim(2) / pooling.h(), y.dim(3) / pooling.w());
        return List.of(new Spec(inputs.get(0).dtype(), pooled, Layout.CHANNELS_LAST));
    }

    /** The shape rule of all three passes: that of y for x and weight, both of rank 4. */
    static Shape result(Op op, List<Spec> inputs, Window2d window, long groups, Shape x, Shape weight) {
        long c = x.dim(1);
        long o = weight.dim(0);
        if (weight.dim(2) != window.kernelH() || weight.dim(3) != window.kernelW()) {
            throw Ops.error(op, inputs, "the weight " + weight + " does not end with the kernel " + window.kernelH() + "x" + window.kernelW());
        }
        if (c % groups != 0 || o % groups != 0) {
            throw Ops.error(op, inputs, "groups " + groups + " must divide the " + c + " input and the " + o + " output channels");
        }
        if (weight.dim(1) != c / groups) {
            throw Ops.error(op, inputs, "the weight [O, C/groups, KH, KW] needs " + c + "/" + groups + " = " + c / groups
                    + " input channels, it has " + weight.dim(1));
        }
        long oh = window.outH(x.dim(2), false);
        long ow = window.outW(x.dim(3), false);
        if (oh < 1 || ow < 1) {
            throw Ops.error(op, inputs, "the window does not fit into the image: " + window.formula(x.dim(2), x.dim(3), false));
        }
        return Check.result(op, inputs, x.dim(0), o, oh, ow);
    }

    @Override
    public void encode(Call call) {
        Shape y = call.output(0).shape();
        Shape whole = Shape.of(y.dim(0), y.dim(1), y.dim(2) * pooling.h(), y.dim(3) * pooling.w());
        var args = begin(call, Sinew.SN_OP_CONV2D_FORWARD(), window, groups, call.input(0).shape(), whole);
        sn_conv2d_args.pool(args, pooling.kind().code());
        sn_conv2d_args.pool_h(args, pooling.h());
        sn_conv2d_args.pool_w(args, pooling.w());
        sn_conv2d_args.act(args, activation.kind().code());
        sn_conv2d_args.act_alpha(args, activation.alpha());
        call.in(args, sn_conv2d_args.x$offset(), 0);
        call.in(args, sn_conv2d_args.weight$offset(), 1);
        if (residual) {
            call.in(args, sn_conv2d_args.residual$offset(), 2);
        }
        if (packed) {
            call.in(args, sn_conv2d_args.packed$offset(), packedInput());
            sn_conv2d_args.packed_bytes(args, call.input(packedInput()).bytes());
        }
        if (call.inputs() > biasInput()) {
            call.in(args, sn_conv2d_args.bias$offset(), biasInput());
        }
        call.out(args, sn_conv2d_args.y$offset(), 0);
        call.workspace(args, sn_conv2d_args.workspace$offset(), sn_conv2d_args.workspace_bytes$offset());
    }

    /** Begins a call with everything but the pointers. */
    static MemorySegment begin(Call call, int code, Window2d window, long groups, Shape x, Shape y) {
        var args = call.begin(code, sn_conv2d_args.layout());
        sizes(args, call.output(0).dtype(), window, groups, x, y);
        return args;
    }

    /** Writes type and sizes. */
    static void sizes(MemorySegment args, DType dtype, Window2d window, long groups, Shape x, Shape y) {
        sn_conv2d_args.dtype(args, dtype.code());
        sn_conv2d_args.n(args, x.dim(0));
        sn_conv2d_args.c(args, x.dim(1));
        sn_conv2d_args.h(args, x.dim(2));
        sn_conv2d_args.w(args, x.dim(3));
        sn_conv2d_args.oc(args, y.dim(1));
        sn_conv2d_args.oh(args, y.dim(2));
        sn_conv2d_args.ow(args, y.dim(3));
        sn_conv2d_args.kh(args, window.kernelH());
        sn_conv2d_args.kw(args, window.kernelW());
        sn_conv2d_args.stride_h(args, window.strideH());
        sn_conv2d_args.stride_w(args, window.strideW());
        sn_conv2d_args.pad_h(args, window.padH());
        sn_conv2d_args.pad_w(args, window.padW());
        sn_conv2d_args.dilation_h(args, window.dilationH());
        sn_conv2d_args.dilation_w(args, window.dilationW());
        sn_conv2d_args.groups(args, groups);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            throw context.noRule("with a fused activation");
        }
        if (residual || packed || pooled()) {
            throw context.noRule("with what only plans add");
        }
        Tensor dy = context.dy();
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.needs(0)) {
            gradients[0] = Ops.apply(new Conv2dInputGradient(window, groups, context.spec(0).shape()), dy, context.input(1));
        }
        boolean bias = context.inputs() == 3 && context.needs(2);
        if (context.needs(1)) {
            Op op = new Conv2dWeightGradient(window, groups, context.spec(1).shape(), bias);
            System.arraycopy(Ops.applyAll(op, context.input(0), dy), 0, gradients, 1, bias ? 2 : 1);
        } else if (bias) {
            gradients[2] = dy.sum(0, 2, 3);
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        Shape y = outputs(inputs).getFirst().shape();
        long taps = pooled() ? y.count() * pooling.h() * pooling.w() : 0;
        return flops(y, inputs.get(1).shape()) * pooling.h() * pooling.w() + taps;
    }

    /** A multiply-add for every element of y and every weight it sees; the same for each of the three passes. */
    static long flops(Shape y, Shape weight) {
        return 2 * y.count() * (weight.count() / weight.dim(0));
    }
}
