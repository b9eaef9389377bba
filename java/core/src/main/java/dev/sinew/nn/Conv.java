package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * 2-D convolution (cross-correlation) of [C, H, W] to [channels, H', W'], with
 * H' = (H + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down.
 *
 * @param channels output channels
 * @param window kernel, stride, padding, dilation
 * @param groups divides both numbers of channels; equal to the input channels: depthwise
 * @param bias whether a bias is added
 * @param weights how the weights begin; the bias is uniform in +-1/sqrt(fan-in)
 */
public record Conv(long channels, Window2d window, long groups, boolean bias, Initializer weights) implements Layer {
    /** Checks the numbers. */
    public Conv {
        Layers.positive("conv: channels", channels);
        Layers.positive("conv: groups", groups);
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(weights, "weights");
        if (channels % groups != 0) {
            throw new IllegalArgumentException("conv: " + groups + " groups do not divide " + channels + " output channels");
        }
    }

    /** Stride 1, no padding, with bias. */
    public static Conv of(long channels, long kernel) {
        return new Conv(channels, Window2d.of(kernel), 1, true, Initializer.standard());
    }

    /** With another stride. */
    public Conv stride(long stride) {
        return new Conv(channels, window.stride(stride), groups, bias, weights);
    }

    /** With zeros around the image: that many rows and columns on each side. */
    public Conv pad(long pad) {
        return new Conv(channels, window.pad(pad), groups, bias, weights);
    }

    /** With another dilation. */
    public Conv dilation(long dilation) {
        return new Conv(channels, window.dilation(dilation), groups, bias, weights);
    }

    /** In groups. */
    public Conv groups(long number) {
        return new Conv(channels, window, number, bias, weights);
    }

    /** Without bias, as before batch normalisation. */
    public Conv noBias() {
        return new Conv(channels, window, groups, false, weights);
    }

    /** With other first weights. */
    public Conv weights(Initializer initializer) {
        return new Conv(channels, window, groups, bias, initializer);
    }

    @Override
    public String kind() {
        return "conv";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw Layers.rank("conv", input, 3, "[channels, height, width]");
        }
        if (input.dim(0) % groups != 0) {
            throw new IllegalArgumentException("conv: " + groups + " groups do not divide " + input.dim(0) + " input channels");
        }
        return Layers.windows("conv", window, false, input, channels);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        Shape weight = Shape.of(channels, input.dim(0) / groups, window.kernelH(), window.kernelW());
        List<ParameterSpec> list = new ArrayList<>();
        list.add(ParameterSpec.of("weight", weight, weights));
        if (bias) {
            list.add(ParameterSpec.of("bias", Shape.of(channels), new Initializer.FanUniform(weight.count() / channels)));
        }
        return list;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Ops.apply(new Conv2d(window, groups),
                Ops.present(x, context.parameter("weight"), bias ? context.parameter("bias") : null));
    }

    @Override
    public String sizeFormula(Shape input) {
        return sizeFormula(window, input);
    }

    /** {@code (28 - 5 + 2*2)/1 + 1 = 28}, the width too where it differs. */
    static String sizeFormula(Window2d w, Shape input) {
        String h = side(input.dim(1), w.kernelH(), w.padH(), w.strideH(), w.dilationH(), w.outH(input.dim(1), false));
        String v = side(input.dim(2), w.kernelW(), w.padW(), w.strideW(), w.dilationW(), w.outW(input.dim(2), false));
        return h.equals(v) ? h : h + " x " + v;
    }

    private static String side(long n, long k, long p, long s, long d, long out) {
        String kernel = d == 1 ? "" + k : "(" + d + "*(" + k + "-1)+1)";
        return "(" + n + " - " + kernel + " + 2*" + p + ")/" + s + " + 1 = " + out;
    }

    @Override
    public String parameterFormula(Shape input) {
        String each = window.kernelH() + "*" + window.kernelW() + "*" + input.dim(0) / groups;
        return bias ? "(" + each + " + 1) * " + channels : each + " * " + channels;
    }
}
