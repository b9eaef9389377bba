package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Transposed convolution (ConvTranspose1d, 2d, 3d; also called deconvolution) of [C, L], [C, H, W] or [C, D, H, W] to
 * (size - 1) stride - before - after + dilation (kernel - 1) + 1 + output padding. Where a method takes several numbers, give
 * one for all dimensions or one for each.
 *
 * @param channels output channels
 * @param window of the convolution whose adjoint this is: its padding crops the result
 * @param outputPadding added to the size of each dimension, below the stride or the dilation
 * @param groups divides both numbers of channels
 * @param bias whether a bias is added
 * @param weights how the weights [input channels, channels / groups, kernel...] begin; the bias is uniform in
 *     +-1/sqrt(channels / groups taps)
 */
public record ConvTransposed(long channels, Window window, List<Long> outputPadding, long groups, boolean bias, Initializer weights)
        implements Layer {
    private static final String KIND = "convtransposed";

    /** Checks the numbers. */
    public ConvTransposed {
        Layers.positive(KIND + ": channels", channels);
        Layers.positive(KIND + ": groups", groups);
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(weights, "weights");
        outputPadding = List.copyOf(outputPadding);
        if (outputPadding.size() != window.rank()) {
            throw new IllegalArgumentException(KIND + ": " + outputPadding.size() + " output paddings for " + window.rank() + " dimensions");
        }
        if (channels % groups != 0) {
            throw new IllegalArgumentException(KIND + ": " + groups + " groups do not divide " + channels + " output channels");
        }
    }

    /** With any window, no output padding, with bias. */
    public static ConvTransposed of(long channels, Window window) {
        return new ConvTransposed(channels, window, window.axes().stream().map(a -> 0L).toList(), 1, true, Initializer.standard());
    }

    /** Of images with a square kernel: stride 1, nothing cropped, with bias. */
    public static ConvTransposed of(long channels, long kernel) {
        return of(channels, Window.of(kernel, kernel));
    }

    /** Of lines: stride 1, nothing cropped, with bias. */
    public static ConvTransposed of1d(long channels, long kernel) {
        return of(channels, Window.of(kernel));
    }

    /** Of volumes with a cube as the kernel: stride 1, nothing cropped, with bias. */
    public static ConvTransposed of3d(long channels, long kernel) {
        return of(channels, Window.of(kernel, kernel, kernel));
    }

    private ConvTransposed with(Window other) {
        return new ConvTransposed(channels, other, outputPadding, groups, bias, weights);
    }

    /** With another stride. */
    public ConvTransposed stride(long... stride) {
        return with(window.stride(stride));
    }

    /** With padding, by which the result is cropped. */
    public ConvTransposed pad(long... pad) {
        return with(window.pad(pad));
    }

    /** With another dilation. */
    public ConvTransposed dilation(long... dilation) {
        return with(window.dilation(dilation));
    }

    /** With a larger result. */
    public ConvTransposed outputPadding(long... more) {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < window.rank(); i++) {
            all.add(more[more.length == 1 ? 0 : i]);
        }
        return new ConvTransposed(channels, window, more.length == 1 ? all : Arrays.stream(more).boxed().toList(), groups, bias, weights);
    }

    /** In groups. */
    public ConvTransposed groups(long number) {
        return new ConvTransposed(channels, window, outputPadding, number, bias, weights);
    }

    /** Without bias, as before batch normalisation. */
    public ConvTransposed noBias() {
        return new ConvTransposed(channels, window, outputPadding, groups, false, weights);
    }

    /** With other first weights. */
    public ConvTransposed weights(Initializer initializer) {
        return new ConvTransposed(channels, window, outputPadding, groups, bias, initializer);
    }

    @Override
    public String kind() {
        return KIND;
    }

    private long[] more() {
        return outputPadding.stream().mapToLong(n -> n).toArray();
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial(KIND, input, window.rank());
        Conv.checkGroups(KIND, input, groups);
        return Layers.sample(channels, Convolution.transposedSizes(window, input.dims(), more()));
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return Conv.parameters(input.dim(0), channels / groups, window, channels, bias, weights);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Convolution.transposed(x, context.parameter("weight"), bias ? context.parameter("bias") : null, window, more(), groups);
    }

    /** For example {@code (28 - 1)*2 - 2*1 + 3 + 1 = 56}. */
    @Override
    public String sizeFormula(Shape input) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < window.rank(); i++) {
            all.add(Convolution.transposedFormula(window.axes().get(i), input.dim(1 + i), outputPadding.get(i)));
        }
        return all.stream().distinct().count() == 1 ? all.getFirst() : all.stream().collect(Collectors.joining(" x "));
    }

    @Override
    public String parameterFormula(Shape input) {
        String each = Conv.taps(window) + "*" + input.dim(0) + " * " + channels / groups;
        return bias ? each + " + " + channels : each;
    }
}
