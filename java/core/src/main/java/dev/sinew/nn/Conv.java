package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Padding;
import dev.sinew.functional.Window;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Convolution (cross-correlation) of [C, L], [C, H, W] or [C, D, H, W], the same with other channels and sizes:
 * (size + before + after - dilation (kernel - 1) - 1) / stride + 1, rounded down. Where a method takes several numbers, give one for
 * all dimensions or one for each.
 *
 * @param channels output channels
 * @param window kernel, stride, padding, dilation, of one to three dimensions
 * @param mode what stands in the padding
 * @param groups divides both numbers of channels; equal to the input channels: depthwise
 * @param bias whether a bias is added
 * @param weights how the weights begin; the bias is uniform in +-1/sqrt(fan-in)
 */
public record Conv(long channels, Window window, PadMode mode, long groups, boolean bias, Initializer weights) implements Layer {
    /** Checks the numbers. */
    public Conv {
        Layers.positive("conv: channels", channels);
        Layers.positive("conv: groups", groups);
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(weights, "weights");
        if (channels % groups != 0) {
            throw new IllegalArgumentException("conv: " + groups + " groups do not divide " + channels + " output channels");
        }
    }

    /** Of images, with zeros in the padding. */
    public Conv(long channels, Window2d window, long groups, boolean bias, Initializer weights) {
        this(channels, Window.of(window), PadMode.ZEROS, groups, bias, weights);
    }

    /** Of images with a square kernel: stride 1, no padding, with bias. */
    public static Conv of(long channels, long kernel) {
        return of(channels, Window.of(kernel, kernel));
    }

    /** Of lines: stride 1, no padding, with bias. */
    public static Conv of1d(long channels, long kernel) {
        return of(channels, Window.of(kernel));
    }

    /** Of volumes with a cube as the kernel: stride 1, no padding, with bias. */
    public static Conv of3d(long channels, long kernel) {
        return of(channels, Window.of(kernel, kernel, kernel));
    }

    /** With any window, with bias. */
    public static Conv of(long channels, Window window) {
        return new Conv(channels, window, PadMode.ZEROS, 1, true, Initializer.standard());
    }

    private Conv with(Window other) {
        return new Conv(channels, other, mode, groups, bias, weights);
    }

    /** With another stride. */
    public Conv stride(long... stride) {
        return with(window.stride(stride));
    }

    /** With padding, the same on both sides. */
    public Conv pad(long... pad) {
        return with(window.pad(pad));
    }

    /** With padding. */
    public Conv pad(long[] before, long[] after) {
        return with(window.pad(before, after));
    }

    /** Padded so that the sizes stay; stride 1. Call it after {@link #dilation}. */
    public Conv same() {
        return with(window.same());
    }

    /** Padded in front only, so that no position sees what comes after it. Call it after {@link #dilation}. */
    public Conv causal() {
        return with(window.causal());
    }

    /** With something else than zeros in the padding. */
    public Conv padding(PadMode other) {
        return new Conv(channels, window, other, groups, bias, weights);
    }

    /** With another dilation. */
    public Conv dilation(long... dilation) {
        return with(window.dilation(dilation));
    }

    /** In groups; as many as there are input channels: depthwise. */
    public Conv groups(long number) {
        return new Conv(channels, window, mode, number, bias, weights);
    }

    /** Without bias, as before batch normalisation. */
    public Conv noBias() {
        return new Conv(channels, window, mode, groups, false, weights);
    }

    /** With other first weights. */
    public Conv weights(Initializer initializer) {
        return new Conv(channels, window, mode, groups, bias, initializer);
    }

    @Override
    public String kind() {
        return "conv";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial("conv", input, window.rank());
        checkGroups("conv", input, groups);
        for (int i = 0; i < window.rank(); i++) {
            Window.Axis a = window.axes().get(i);
            Padding.check(input.dim(1 + i), a.before(), a.after(), mode);
        }
        return Layers.windows("conv", window, false, input, channels);
    }

    static void checkGroups(String kind, Shape input, long groups) {
        if (input.dim(0) % groups != 0) {
            throw new IllegalArgumentException(kind + ": " + groups + " groups do not divide " + input.dim(0) + " input channels");
        }
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return parameters(channels, input.dim(0) / groups, window, channels, bias, weights);
    }

    /** The weight [first, second, kernel...], and a bias. */
    static List<ParameterSpec> parameters(long first, long second, Window window, long channels, boolean bias, Initializer weights) {
        Shape weight = Layers.sample(second, window.kernel()).withFirst(first);
        List<ParameterSpec> list = new ArrayList<>();
        list.add(ParameterSpec.of("weight", weight, weights));
        if (bias) {
            list.add(ParameterSpec.of("bias", Shape.of(channels), new Initializer.FanUniform(weight.count() / first)));
        }
        return list;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Convolution.conv(x, context.parameter("weight"), bias ? context.parameter("bias") : null, window, mode, groups);
    }

    @Override
    public String sizeFormula(Shape input) {
        return window.formula(input.dims(), false);
    }

    @Override
    public String parameterFormula(Shape input) {
        String each = taps(window) + "*" + input.dim(0) / groups;
        return bias ? "(" + each + " + 1) * " + channels : each + " * " + channels;
    }

    /** For example {@code 3*3}. */
    static String taps(Window window) {
        return Arrays.stream(window.kernel()).mapToObj(Long::toString).collect(Collectors.joining("*"));
    }
}
