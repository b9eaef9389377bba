package dev.sinew.golden;

import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Padding;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Resampling;
import dev.sinew.functional.Window;
import dev.sinew.golden.GoldenCase.Array;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Convolutions, pooling and resizing, for {@link GoldenOps}, and how far their results may be from the exact ones, for {@link Bounds}. */
final class GoldenImages {
    private GoldenImages() {}

    /** The outputs by their names. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> in) {
        Tensor x = in.get("x");
        return switch (given.text("kind")) {
            case "conv" -> Map.of("y", Convolution.conv(x, in.get("weight"), in.get("bias"), window(given), mode(given), given.whole("groups")));
            case "transposed" -> Map.of("y", Convolution.transposed(x, in.get("weight"), in.get("bias"), window(given),
                    given.wholes("output_padding"), given.whole("groups")));
            case "unfold" -> Map.of("y", Convolution.unfold(x, window(given)));
            case "fold" -> Map.of("y", Convolution.fold(x, window(given), given.wholes("sizes")));
            case "pad" -> Map.of("y", Padding.pad(x, given.wholes("before"), given.wholes("after"), mode(given)));
            case "max" -> Map.of("y", Pooling.max(x, window(given), given.flag("ceil_mode")), "index",
                    Pooling.maxWithIndices(x, window(given), given.flag("ceil_mode"))[1]);
            case "average" -> Map.of("y", Pooling.average(x, window(given), given.flag("ceil_mode"), given.flag("count_include_pad")));
            case "lp" -> Map.of("y", Pooling.lp(x, given.number("p"), window(given), given.flag("ceil_mode")));
            case "adaptive_max" -> Map.of("y", adaptiveMax(x, given.wholes("sizes")), "index", Pooling.adaptiveMaxWithIndices(x, given.wholes("sizes"))[1]);
            case "adaptive_average" -> Map.of("y", Pooling.adaptiveAverage(x, given.wholes("sizes")));
            case "unpool" -> Map.of("y", given.wholes("sizes").length == 0 ? Pooling.unpool(x, in.get("index"), window(given))
                    : Pooling.unpool(x, in.get("index"), given.wholes("sizes")));
            case "resize" -> Map.of("y", Resampling.resize(x, resizing(given), given.flag("align_corners"), given.wholes("sizes")));
            case "scale" -> Map.of("y", Resampling.scale(x, resizing(given), given.flag("align_corners"),
                    ((List<?>) given.attrs().get("factors")).stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray()));
            case "shuffle" -> Map.of("y", Resampling.pixelShuffle(x, given.whole("r")));
            case "unshuffle" -> Map.of("y", Resampling.pixelUnshuffle(x, given.whole("r")));
            default -> throw new AssertionError("no operation for " + given);
        };
    }

    /** One bin is the global maximum. */
    private static Tensor adaptiveMax(Tensor x, long[] sizes) {
        boolean one = Arrays.stream(sizes).allMatch(size -> size == 1);
        return one ? Pooling.globalMax(x).reshape(x.shape().dim(0), x.shape().dim(1), 1, 1) : Pooling.adaptiveMax(x, sizes);
    }

    private static Window window(GoldenCase given) {
        Window plain = Window.of(given.wholes("kernel")).stride(given.wholes("stride")).dilation(given.wholes("dilation"));
        boolean same = given.attrs().containsKey("same") && given.flag("same");
        return same ? plain.same() : plain.pad(given.wholes("before"), given.wholes("after"));
    }

    private static PadMode mode(GoldenCase given) {
        return PadMode.valueOf(given.text("mode").toUpperCase(Locale.ROOT));
    }

    private static Resampling.Mode resizing(GoldenCase given) {
        return Resampling.Mode.valueOf(given.text("mode").toUpperCase(Locale.ROOT));
    }

    /** Whether every element is a sum of the inputs' products with weights that are not negative. */
    static boolean isLinear(GoldenCase given) {
        return switch (given.text("kind")) {
            case "conv", "transposed", "fold", "unfold", "pad", "average", "adaptive_average", "unpool" -> true;
            case "resize", "scale" -> resizing(given) != Resampling.Mode.CUBIC;
            default -> false;
        };
    }

    /** The bound for every element; {@code magnitudes}: for linear cases, the sums of absolute values. */
    static double[] bounds(GoldenCase given, double u, double[] magnitudes, String result, Array expected) {
        double[] bounds = new double[expected.values().length];
        double largest = result.startsWith("d") ? given.inputs().get("dy").largest() : given.inputs().get("x").largest();
        double factor = u * (8 + 4 * Math.sqrt(terms(given, result)));
        if (isLinear(given)) {
            Arrays.setAll(bounds, i -> factor * magnitudes[i]);
        } else {
            Arrays.fill(bounds, switch (given.text("kind")) {
                // elements are moved; those of a gradient that meet at one place are added
                case "max", "adaptive_max", "shuffle", "unshuffle" -> result.startsWith("d") ? factor * 8 * largest : 0;
                // powers of numbers of at most 2, their sum, and its root: slopes are moderate
                case "lp" -> factor * 8 * Math.max(1, largest) * given.number("p");
                // sums of four by four neighbours with weights of both signs
                case "resize", "scale" -> factor * 4 * largest;
                default -> throw new AssertionError("no bound for " + given);
            });
        }
        return Arrays.stream(bounds).map(b -> b + 2 * Float.MIN_NORMAL).toArray();
    }

    /** At most so many terms are summed. */
    private static double terms(GoldenCase given, String result) {
        if (given.inputs().containsKey("weight")) {
            boolean data = result.equals("y") || result.equals("dx");
            return data ? given.shape("weight").count() + 1 : given.outputs().get("y").values().length;
        }
        return 64;
    }
}
