package dev.sinew.onnx;

import dev.sinew.Tensor;
import dev.sinew.op.MatMul;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Images of another size: along each dimension a matrix of weights. */
final class ResizeOperators {
    private ResizeOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Resize", ResizeOperators::resize);
        operators.put("Upsample", ResizeOperators::upsample);
    }

    /** How places in the result become places in the input. */
    private record Grid(String mode, String transformation, String nearest, double cubic, boolean excludeOutside, double extrapolation) {}

    private static List<Value> upsample(OnnxNode node) {
        double[] scales = node.opset() < 9 ? node.numbers("scales") : node.known(1).toDoubles();
        Grid grid = new Grid(node.attr("mode", "nearest"), "asymmetric", "floor", 0, false, 0);
        return List.of(resize(node, grid, scales, null, null));
    }

    private static List<Value> resize(OnnxNode node) {
        if (node.opset() < 11) {
            Grid grid = new Grid(node.attr("mode", "nearest"), "asymmetric", "floor", 0, false, 0);
            return List.of(resize(node, grid, node.known(1).toDoubles(), null, null));
        }
        Grid grid = new Grid(node.attr("mode", "nearest"), node.attr("coordinate_transformation_mode", "half_pixel"),
                node.attr("nearest_mode", "round_prefer_floor"), node.attr("cubic_coeff_a", -0.75), node.flag("exclude_outside", false),
                node.attr("extrapolation_value", 0.0));
        double[] region = node.has(1) && grid.transformation.equals("tf_crop_and_resize") ? node.known(1).toDoubles() : null;
        double[] scales = node.has(2) ? node.known(2).toDoubles() : new double[0];
        long[] sizes = node.has(3) ? node.longs(3) : null;
        return List.of(resize(node, grid, scales.length == 0 ? null : scales, sizes, region));
    }

    private static Value resize(OnnxNode node, Grid grid, double[] scales, long[] sizes, double[] region) {
        Value x = node.in(0);
        int rank = x.rank();
        if (scales == null && sizes == null || (scales == null ? sizes.length : scales.length) != rank) {
            throw node.error("needs scales or sizes for each of the " + rank + " dimensions");
        }
        Tensor y = node.x(0);
        for (int d = 0; d < rank; d++) {
            long in = x.dims()[d];
            double begin = region == null ? 0 : region[d];
            double end = region == null ? 1 : region[d + rank];
            long out = sizes != null ? sizes[d] : (long) Math.floor(in * (region == null ? 1 : end - begin) * scales[d]);
            double scale = sizes != null ? (double) out / in : scales[d];
            if (out < 1) {
                throw node.error("the size of dimension " + d + " becomes " + out);
            }
            if (out == in && scale == 1 && begin == 0 && end == 1) {
                continue;
            }
            double[] matrix = new double[Math.toIntExact(in * out)];
            boolean any = fill(node, grid, matrix, (int) in, (int) out, scale, begin, end);
            if (any && grid.extrapolation != 0) {
                throw node.unsupported("attribute extrapolation_value=" + grid.extrapolation + " where it is used");
            }
            Tensor weights = Tensor.of(matrix, in, out).cast(y.dtype());
            y = Compose.overDim(y, d, t -> MatMul.of(t, weights));
        }
        return Value.of(x.type(), y);
    }

    /** The weights [in, out] of one dimension; whether some place lies outside the image. */
    private static boolean fill(OnnxNode node, Grid grid, double[] matrix, int in, int out, double scale, double begin, double end) {
        boolean outside = false;
        for (int i = 0; i < out; i++) {
            double at = switch (grid.transformation) {
                case "half_pixel" -> (i + 0.5) / scale - 0.5;
                case "pytorch_half_pixel" -> out > 1 ? (i + 0.5) / scale - 0.5 : 0;
                case "align_corners" -> out > 1 ? i * (in - 1.0) / (in * scale - 1) : 0;
                case "asymmetric" -> i / scale;
                case "tf_half_pixel_for_nn" -> (i + 0.5) / scale;
                case "tf_crop_and_resize" -> out > 1 ? begin * (in - 1) + i * (end - begin) * (in - 1) / (out - 1) : 0.5 * (begin + end) * (in - 1);
                default -> throw node.unsupported("attribute coordinate_transformation_mode=" + grid.transformation);
            };
            if (grid.transformation.equals("tf_crop_and_resize") && (at < 0 || at > in - 1)) {
                outside = true;
                continue;
            }
            double[] weights;
            int first;
            switch (grid.mode) {
                case "nearest" -> {
                    first = (int) nearest(node, grid.nearest, at);
                    weights = new double[] {1};
                }
                case "linear", "bilinear", "trilinear" -> {
                    first = (int) Math.floor(at);
                    weights = new double[] {1 - (at - first), at - first};
                }
                case "cubic" -> {
                    int floor = (int) Math.floor(at);
                    first = floor - 1;
                    weights = cubic(grid.cubic, at - floor);
                }
                default -> throw node.unsupported("attribute mode=" + grid.mode);
            }
            double sum = 0;
            for (int k = 0; k < weights.length; k++) {
                boolean inside = first + k >= 0 && first + k < in;
                weights[k] = inside || !grid.excludeOutside ? weights[k] : 0;
                sum += weights[k];
            }
            for (int k = 0; k < weights.length; k++) {
                int from = Math.clamp(first + k, 0, in - 1);
                matrix[from * out + i] += grid.excludeOutside ? weights[k] / sum : weights[k];
            }
        }
        return outside;
    }

    private static double nearest(OnnxNode node, String mode, double at) {
        return switch (mode) {
            case "round_prefer_floor" -> Math.ceil(at - 0.5);
            case "round_prefer_ceil" -> Math.floor(at + 0.5);
            case "floor" -> Math.floor(at);
            case "ceil" -> Math.ceil(at);
            default -> throw node.unsupported("attribute nearest_mode=" + mode);
        };
    }

    /** Keys 1981, equation 15 with a instead of -1/2: weights of the pixels at -1, 0, 1, 2 for a place in [0, 1). */
    private static double[] cubic(double a, double t) {
        double[] distance = {t + 1, t, 1 - t, 2 - t};
        return Arrays.stream(distance).map(s -> s <= 1 ? ((a + 2) * s - (a + 3)) * s * s + 1 : ((a * s - 5 * a) * s + 8 * a) * s - 4 * a)
                .toArray();
    }
}
