package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.golden.GoldenCase.Array;
import java.util.Arrays;
import java.util.Map;

/**
 * How far a result may be from the exact one.
 *
 * <p>All of it follows from rounding: one operation on two numbers is off by at most the unit roundoff u (2^-24 for
 * float32) relative to its result. A sum of n terms, in whatever order, is off by about 4 sqrt(n) u times the sum of the
 * terms' magnitudes, with a probability of failure that does not matter here (Higham, Mary: "A new approach to
 * probabilistic rounding error analysis", 2019, theorem 2.4 with lambda = 4). The magnitudes, not the sum itself, count:
 * terms may cancel. So a bound is u (constant + 4 sqrt(n)) times a magnitude; each family says below what its magnitude
 * and its n are. For operations that are linear in each input the magnitude is computed: it is the result for the inputs'
 * absolute values.
 *
 * <p>For float64 the expected values themselves were computed in float64, with errors of the same kind; u is 2^-50 there
 * instead of 2^-53.
 */
final class Bounds {
    /** Results that are zero or subnormal may be flushed to zero; twice the smallest normal number covers the rest. */
    private static final double FLOOR = 2 * Float.MIN_NORMAL;
    /** A function of the mathematical library, or a few basic operations. */
    private static final double FEW = 8;

    private final GoldenCase given;
    private final double u;
    /** What the case gives for absolute values of all inputs, by output or "d" + input; for linear families only. */
    private final Map<String, double[]> magnitudes;

    private Bounds(GoldenCase given, DType type, Map<String, double[]> magnitudes) {
        this.given = given;
        this.u = type == DType.F32 ? 0x1p-24 : 0x1p-50;
        this.magnitudes = magnitudes;
    }

    static boolean isLinear(GoldenCase given) {
        return switch (given.family()) {
            case "gemm", "conv2d" -> true;
            case "convolution", "pooling", "resampling" -> GoldenImages.isLinear(given);
            case "pool2d" -> given.text("kind").equals("avg");
            case "reduce" -> given.text("kind").equals("sum") || given.text("kind").equals("mean");
            default -> false;
        };
    }

    /** The bound for each element of an output. */
    static double[] ofOutput(GoldenCase given, DType type, Map<String, double[]> magnitudes, String output, Array expected) {
        return GoldenNorm.has(given.family()) ? GoldenNorm.bounds(given, type, expected)
                : new Bounds(given, type, magnitudes).output(output, expected);
    }

    /** The bound for each element of the gradient of an input. */
    static double[] ofGradient(GoldenCase given, DType type, Map<String, double[]> magnitudes, String input, Array expected) {
        return GoldenNorm.has(given.family()) ? GoldenNorm.bounds(given, type, expected)
                : new Bounds(given, type, magnitudes).gradient(input, expected);
    }

    private static double sum(double terms) {
        return FEW + 4 * Math.sqrt(terms);
    }

    private static double[] relative(double factor, Array expected) {
        return Arrays.stream(expected.values()).map(value -> factor * Math.abs(value) + FLOOR).toArray();
    }

    private static double[] absolute(double bound, Array expected) {
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, bound + FLOOR);
        return bounds;
    }

    private double[] scaled(double factor, double[] magnitude) {
        return Arrays.stream(magnitude).map(m -> u * factor * m + FLOOR).toArray();
    }

    private double largest(String input) {
        return given.inputs().get(input).largest();
    }

    private double[] output(String output, Array expected) {
        return switch (given.family()) {
            case "gemm", "conv2d" -> activated(reductionLength(), output);
            case "convolution", "pooling", "resampling" -> GoldenImages.bounds(given, u, magnitudes.get(output), output, expected);
            case "pool2d" -> isLinear(given) ? scaled(sum(reductionLength()), magnitudes.get(output)) : absolute(0, expected);
            case "reduce" -> isLinear(given) ? scaled(sum(reductionLength()), magnitudes.get(output)) : absolute(0, expected);
            case "unary" -> unary(expected);
            // exp(b log a) with b log a up to 88, or one correctly rounded operation
            case "binary" -> relative(given.text("kind").equals("pow") ? u * FEW : 2 * u, expected);
            case "softmax" -> softmax(expected, given.inputs().get("x"), given.flag("log"));
            case "cross_entropy" -> output.equals("probs") ? softmax(expected, given.inputs().get("logits"), false)
                    : absolute(u * crossEntropyFactor() * weightOfLoss(), expected);
            case "mse" -> relative(u * sum(given.shape("x").count()), expected);
            case "bce" -> absolute(u * sum(given.shape("x").count()) * bceTerm() * ("sum".equals(given.text("reduction")) ? given.shape("x").count() : 1), expected);
            case "hinge" -> absolute(u * sum(given.shape("x").count()) * hingeLoss(), expected);
            case "batchnorm" -> batchNormOutput(output, expected);
            // the values are moved, not computed
            case "permute", "concat", "slice", "pad" -> absolute(0, expected);
            default -> GoldenSequences.bounds(given, u, expected, false);
        };
    }

    private double[] gradient(String input, Array expected) {
        return switch (given.family()) {
            case "gemm", "conv2d" -> activated(gradientLength(input), "d" + input);
            case "convolution", "pooling", "resampling" -> GoldenImages.bounds(given, u, magnitudes.get("d" + input), "d" + input, expected);
            case "pool2d" -> isLinear(given) ? scaled(sum(reductionLength()), magnitudes.get("d" + input))
                    // each pixel is the maximum of at most that many windows
                    : absolute(u * 4 * Math.sqrt(overlap()) * overlap() * largest("dy"), expected);
            case "reduce" -> isLinear(given) ? scaled(sum(1), magnitudes.get("d" + input)) : absolute(u * FEW * largest("dy"), expected);
            // f' is computed from differences such as 1 - y^2, of terms no larger than 1 and the derivative
            case "unary" -> unaryGradient(expected);
            case "binary" -> binaryGradient(input, expected);
            case "softmax" -> softmaxGradient(expected);
            case "cross_entropy" -> absolute(u * crossEntropyFactor() * 2 * largest("dloss") * weightOfRow(), expected);
            case "mse" -> relative(u * FEW, expected);
            case "bce" -> absolute(u * FEW * bceTerm() * largest("dloss") / ("mean".equals(given.text("reduction")) ? given.shape("x").count() : 1), expected);
            case "hinge" -> absolute(u * sum(given.shape("x").dim(1)) * hingeSlope(), expected);
            case "batchnorm" -> batchNormGradient(input, expected);
            case "permute" -> given.attrs().containsKey("expand")
                    ? absolute(u * sum(repeats(input)) * repeats(input) * largest("dy"), expected) : absolute(0, expected);
            case "concat", "slice", "pad" -> absolute(0, expected);
            default -> GoldenSequences.bounds(given, u, expected, true);
        };
    }

    // ---- gemm, conv2d, pool2d, reduce ----

    private double reductionLength() {
        return switch (given.family()) {
            case "gemm" -> given.whole("k") + 2;
            case "conv2d" -> given.shape("weight").count() / (double) given.shape("weight").dim(0) + 1;
            case "pool2d" -> given.whole("kh") * given.whole("kw");
            default -> given.shape("x").count() / (double) given.outputs().get("y").values().length;
        };
    }

    private double gradientLength(String input) {
        if (given.family().equals("gemm")) {
            return input.equals("a") ? given.whole("n") : given.whole("m");
        }
        double images = given.shape("x").dim(0);
        long[] y = given.outputs().get("y").sizes();
        return input.equals("x") ? given.shape("weight").count() : images * y[2] * y[3];
    }

    /**
     * A sum behind an activation. The activations have slopes of at most 1, so that the error of y is that of the sum and
     * of a few operations; that of the slope at y, by which a gradient is multiplied, is at most twice that of y.
     */
    private double[] activated(double terms, String result) {
        if (given.act().equals("identity")) {
            return scaled(sum(terms), magnitudes.get(result));
        }
        double ofY = sum(reductionLength()) * Arrays.stream(magnitudes.get("y")).max().orElse(0) + FEW;
        return result.equals("y") ? absolute(u * ofY, given.outputs().get("y")) : scaled(sum(terms) + 2 * ofY, magnitudes.get(result));
    }

    /** How many windows a pixel can belong to. */
    private double overlap() {
        double h = Math.ceil((double) given.whole("kh") / given.whole("stride_h"));
        return h * Math.ceil((double) given.whole("kw") / given.whole("stride_w"));
    }

    // ---- unary, binary ----

    private double[] unary(Array expected) {
        double[] x = given.inputs().get("x").values();
        double[] bounds = relative(u * FEW, expected);
        if (given.text("kind").startsWith("gelu")) {
            // 1 + erf(x / sqrt 2), or 1 + tanh, cancels for negative x
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] += u * FEW * Math.abs(x[i]);
            }
        } else if (given.text("kind").equals("affine")) {
            // alpha x and beta may cancel
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] += 2 * u * (Math.abs(given.number("alpha") * x[i]) + Math.abs(given.number("beta")));
            }
        } else if (given.text("kind").equals("elu")) {
            // alpha (exp(x) - 1) cancels near 0; relative to alpha |x| when computed by expm1, to alpha when not
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] += u * 2 * given.number("alpha");
            }
        }
        return bounds;
    }

    private double[] unaryGradient(Array expected) {
        double[] dy = given.inputs().get("dy").values();
        double[] bounds = relative(u * FEW, expected);
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] += u * FEW * Math.abs(dy[i]);
        }
        return bounds;
    }

    /** How many elements of the result an input's element takes part in. */
    private double repeats(String input) {
        return given.outputs().get("y").values().length / (double) given.inputs().get(input).values().length;
    }

    /** Sums of the elements' gradients, which are no larger than a few times the largest of the expected and the upstream ones. */
    private double[] binaryGradient(String input, Array expected) {
        double term = Math.max(expected.largest(), largest("dy"));
        if (repeats(input) == 1 && !given.text("kind").equals("pow")) {
            return relative(u * FEW, expected);
        }
        return absolute(u * sum(repeats(input)) * repeats(input) * term, expected);
    }

    // ---- softmax, losses ----

    /** x - max is rounded, which exp turns into a relative error: the largest such difference counts. */
    private static double range(Array x) {
        double least = Arrays.stream(x.values()).min().orElse(0);
        return x.largest() == 0 ? 0 : Arrays.stream(x.values()).max().orElse(0) - least;
    }

    private double[] softmax(Array expected, Array x, boolean log) {
        double factor = u * (range(x) + sum(x.sizes()[1]));
        return log ? absolute(factor, expected) : relative(factor, expected);
    }

    private double[] softmaxGradient(Array expected) {
        Array x = given.inputs().get("x");
        double cols = x.sizes()[1];
        double factor = u * (2 * range(x) + 2 * sum(cols));
        // y (dy - sum of y dy), or dy - exp(y) (sum of dy)
        return absolute(factor * largest("dy") * (given.flag("log") ? 1 + cols : 2), expected);
    }

    private double crossEntropyFactor() {
        Array logits = given.inputs().get("logits");
        return range(logits) + sum(logits.values().length) + expectedLoss();
    }

    private double expectedLoss() {
        return given.outputs().get("loss").largest();
    }

    /** The largest weight a row's loss may have in the result. */
    private double weightOfLoss() {
        double weight = given.inputs().containsKey("weights") ? Math.max(1, largest("weights")) : 1;
        return given.text("reduction").equals("sum") ? weight * given.shape("logits").dim(0) : weight;
    }

    private double weightOfRow() {
        return given.inputs().containsKey("weights") ? Math.max(1, largest("weights")) : 1;
    }

    /** The largest term of an element's loss: x itself and its softplus, times the weights. */
    private double bceTerm() {
        double term = largest("x") + 1;
        term *= given.inputs().containsKey("weight") ? largest("weight") : 1;
        return term * (given.inputs().containsKey("pos_weight") ? 1 + largest("pos_weight") : 1);
    }

    private double hingeViolation() {
        return given.number("margin") + 2 * largest("x");
    }

    private double hingeRow() {
        double weight = given.inputs().containsKey("weights") ? largest("weights") : 1;
        return weight * (given.flag("mean_over_classes") ? 1 : given.shape("x").dim(1));
    }

    private double hingeLoss() {
        double row = hingeRow() * Math.pow(hingeViolation(), given.whole("p"));
        return given.text("reduction").equals("sum") ? row * given.shape("x").dim(0) : row;
    }

    private double hingeSlope() {
        double row = hingeRow() * given.whole("p") * Math.pow(hingeViolation(), given.whole("p") - 1);
        return row * largest("dloss") / (given.text("reduction").equals("mean") ? given.shape("x").dim(0) : 1);
    }

    // ---- batch normalisation ----

    private double rows() {
        return given.shape("x").count() / (double) given.shape("x").dim(1);
    }

    /**
     * Per channel, how much (x - mean) / deviation enlarges relative errors: x and the mean are that many deviations from 0.
     * Where the rows of a channel are nearly equal this is large.
     */
    private double condition() {
        double[] invstd = given.outputs().containsKey("save_invstd") ? given.outputs().get("save_invstd").values()
                : Arrays.stream(given.inputs().getOrDefault("running_var", new Array(DType.F64, new long[] {1}, new double[] {1})).values())
                        .map(v -> 1 / Math.sqrt(v + given.number("eps"))).toArray();
        double mean = given.inputs().containsKey("running_mean") ? largest("running_mean") : 0;
        return 1 + Arrays.stream(invstd).max().orElse(1) * (largest("x") + mean);
    }

    private double gamma() {
        return given.inputs().containsKey("gamma") ? Math.max(1, largest("gamma")) : 1;
    }

    private double[] batchNormOutput(String output, Array expected) {
        double factor = u * sum(rows());
        return switch (output) {
            case "y" -> absolute(factor * condition() * (gamma() + expected.largest()), expected);
            case "save_mean" -> absolute(factor * largest("x"), expected);
            case "running_mean" -> absolute(factor * (largest("x") + largest("running_mean")), expected);
            case "running_var" -> absolute(factor * condition() * expected.largest(), expected);
            case "save_invstd" -> relative(factor * condition(), expected);
            default -> throw new AssertionError(output);
        };
    }

    /** dx = gamma invstd (dy - mean of dy - xhat (mean of dy xhat)): three terms; xhat is at most sqrt(rows). */
    private double[] batchNormGradient(String input, Array expected) {
        double factor = u * sum(rows()) * condition();
        double xhat = Math.sqrt(rows());
        double dy = largest("dy");
        return switch (input) {
            case "x" -> {
                double invstd = given.outputs().containsKey("save_invstd") ? given.outputs().get("save_invstd").largest() : condition();
                yield absolute(factor * gamma() * invstd * dy * (2 + xhat), expected);
            }
            case "gamma" -> absolute(factor * rows() * xhat * dy, expected);
            case "beta" -> absolute(u * sum(rows()) * rows() * dy, expected);
            default -> throw new AssertionError(input);
        };
    }
}
