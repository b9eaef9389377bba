package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.functional.Activations;
import dev.sinew.functional.Losses;
import dev.sinew.functional.MetricLosses;
import dev.sinew.functional.Normalization;
import dev.sinew.functional.Normalization.ResponseForm;
import dev.sinew.functional.RunningStatistics;
import dev.sinew.golden.GoldenCase.Array;
import dev.sinew.op.Reduction;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The families of golden_norm.py: activations, normalisation and losses; those of golden_training.py have the same bounds. */
final class GoldenNorm {
    private static final Set<String> FAMILIES = Set.of("activations", "normalization", "batch_normalization", "losses", "perceptrons",
            "second_derivatives");

    private final GoldenCase given;
    private final Map<String, Tensor> in;

    private GoldenNorm(GoldenCase given, Map<String, Tensor> in) {
        this.given = given;
        this.in = in;
    }

    static boolean has(String family) {
        return FAMILIES.contains(family);
    }

    /** The outputs, by their names in the case. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> inputs) {
        GoldenNorm norm = new GoldenNorm(given, inputs);
        return switch (given.family()) {
            case "activations" -> Map.of("y", norm.activation());
            case "normalization" -> Map.of("y", norm.normalization());
            case "batch_normalization" -> norm.batchNormalization();
            case "losses" -> Map.of("loss", norm.loss());
            case "perceptrons", "second_derivatives" -> GoldenTraining.outputs(given, inputs);
            default -> throw new AssertionError("no operation for the family " + given.family());
        };
    }

    /**
     * Compositions of a few functions and of sums over at most all elements of the largest input: u (8 + 4 sqrt(elements))
     * (Bounds says why) times the magnitude of what is rounded on the way, which is no more than the largest input (and the
     * upstream gradient) times one more than the largest result.
     */
    static double[] bounds(GoldenCase given, DType type, Array expected) {
        double u = type == DType.F32 ? 0x1p-24 : 0x1p-50;
        double elements = given.inputs().values().stream().mapToInt(array -> array.values().length).max().orElse(1);
        double largest = given.inputs().values().stream().mapToDouble(Array::largest).max().orElse(0);
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, u * (8 + 4 * Math.sqrt(elements)) * Math.max(1, largest) * (1 + expected.largest()));
        return bounds;
    }

    private Tensor activation() {
        Tensor x = in.get("x");
        return switch (given.text("kind")) {
            case "scaled_tanh" -> Activations.scaledTanh(x);
            case "prelu" -> Activations.prelu(x, in.get("weight"));
            case "selu" -> Activations.selu(x);
            case "celu" -> Activations.celu(x, given.number("alpha"));
            case "silu" -> Activations.silu(x);
            case "mish" -> Activations.mish(x);
            case "softplus" -> Activations.softplus(x, given.number("beta"), given.number("threshold"));
            case "log_sigmoid" -> Activations.logSigmoid(x);
            case "softsign" -> Activations.softsign(x);
            case "hard_tanh" -> Activations.hardTanh(x);
            case "step" -> Activations.step(x, given.number("at_zero"));
            case "maxout" -> Activations.maxout(x, dim(), given.whole("pieces"));
            case "clamp" -> Activations.clamp(x, given.number("least"), given.number("most"));
            case "relu6" -> Activations.relu6(x);
            case "hard_sigmoid" -> Activations.hardSigmoid(x);
            case "hard_swish" -> Activations.hardSwish(x);
            case "threshold" -> Activations.threshold(x, given.number("threshold"), given.number("value"));
            case "hard_shrink" -> Activations.hardShrink(x, given.number("lambda"));
            case "soft_shrink" -> Activations.softShrink(x, given.number("lambda"));
            case "tanh_shrink" -> Activations.tanhShrink(x);
            case "softmax" -> Activations.softmax(x, dim());
            case "log_softmax" -> Activations.logSoftmax(x, dim());
            case "softmin" -> Activations.softmin(x, dim());
            case "glu" -> Activations.glu(x, dim());
            default -> throw new AssertionError(given.toString());
        };
    }

    private Tensor normalization() {
        Tensor x = in.get("x");
        Tensor weight = in.get("weight");
        Tensor bias = in.get("bias");
        Tensor window = in.get("window");
        return switch (given.text("kind")) {
            case "layer_norm" -> Normalization.layerNorm(x, (int) given.whole("dims"), weight, bias, given.number("eps"));
            case "rms_norm" -> Normalization.rmsNorm(x, (int) given.whole("dims"), weight, given.number("eps"));
            case "group_norm" -> Normalization.groupNorm(x, given.whole("groups"), weight, bias, given.number("eps"));
            case "instance_norm" -> Normalization.instanceNorm(x, weight, bias, given.number("eps"));
            case "lrn_mean" -> response(ResponseForm.MEAN);
            case "lrn_sum" -> response(ResponseForm.SUM);
            case "subtractive" -> Normalization.subtractive(x, window);
            case "divisive" -> Normalization.divisive(x, window);
            case "local_contrast" -> Normalization.localContrast(x, window);
            default -> throw new AssertionError(given.toString());
        };
    }

    private Map<String, Tensor> batchNormalization() {
        Tensor mean = in.get("running_mean");
        Tensor count = in.get("num_batches_tracked");
        RunningStatistics running = mean == null ? null : count != null ? RunningStatistics.average(mean, in.get("running_var"), count)
                : RunningStatistics.of(mean, in.get("running_var"), given.number("momentum"));
        boolean batch = given.text("kind").equals("batch");
        boolean training = given.flag("training");
        Tensor y = batch ? Normalization.batchNorm(in.get("x"), in.get("weight"), in.get("bias"), running, training, given.number("eps"))
                : Normalization.instanceNorm(in.get("x"), in.get("weight"), in.get("bias"), running, training, given.number("eps"));
        Map<String, Tensor> outputs = new HashMap<>(Map.of("y", y));
        given.outputs().keySet().forEach(name -> outputs.putIfAbsent(name, in.get(name)));
        return outputs;
    }

    private Tensor loss() {
        Reduction reduction = Reduction.valueOf(given.text("reduction").toUpperCase(Locale.ROOT));
        return in.containsKey("a") ? ofPairs(reduction) : in.containsKey("labels") ? ofLabels(reduction) : ofElements(reduction);
    }

    private Tensor ofLabels(Reduction reduction) {
        Tensor x = in.get("x");
        Tensor labels = in.get("labels");
        Tensor weights = in.get("weights");
        return switch (given.text("kind")) {
            case "cross_entropy" -> Losses.crossEntropy(x, labels, weights, given.whole("ignore_index"), given.number("smoothing"), reduction);
            case "nll" -> Losses.nll(x, labels, weights, given.whole("ignore_index"), reduction);
            case "focal" -> Losses.focal(x, labels, weights, given.number("gamma"), reduction);
            case "hinge" -> Losses.hinge(x, labels);
            case "multi_margin" -> Losses.multiMargin(x, labels, weights, (int) given.whole("p"), given.number("margin"), reduction);
            default -> throw new AssertionError(given.toString());
        };
    }

    private Tensor ofElements(Reduction reduction) {
        Tensor x = in.get("x");
        Tensor t = in.get("target");
        Tensor weights = in.get("weights");
        return switch (given.text("kind")) {
            case "soft_cross_entropy" -> Losses.softCrossEntropy(x, t, weights, given.number("smoothing"), reduction);
            case "binary_focal" -> Losses.binaryFocal(x, t, given.number("alpha"), given.number("gamma"), reduction);
            case "dice" -> Losses.dice(x, t, given.number("smooth"), reduction);
            case "jaccard" -> Losses.jaccard(x, t, given.number("smooth"), reduction);
            case "multi_label_margin" -> Losses.multiLabelMargin(x, t, reduction);
            case "multi_label_soft_margin" -> Losses.multiLabelSoftMargin(x, t, weights, reduction);
            case "masked" -> Losses.masked(x, t, reduction);
            case "mse" -> Losses.mse(x, t, reduction);
            case "l1" -> Losses.l1(x, t, reduction);
            case "smooth_l1" -> Losses.smoothL1(x, t, given.number("beta"), reduction);
            case "huber" -> Losses.huber(x, t, given.number("delta"), reduction);
            case "bce" -> Losses.bce(x, t, in.get("weight"), reduction);
            case "bce_logits" -> Losses.bceWithLogits(x, t, in.get("weight"), in.get("pos_weight"), reduction);
            case "soft_margin" -> Losses.softMargin(x, t, reduction);
            case "hinge_embedding" -> MetricLosses.hingeEmbedding(x, t, given.number("margin"), reduction);
            case "kl_divergence" -> Losses.klDivergence(x, t, given.flag("log_target"), reduction);
            case "kl_batch_mean" -> Losses.klDivergenceBatchMean(x, t, false);
            case "poisson_nll" -> Losses.poissonNll(x, t, given.flag("log_input"), given.flag("full"), 1e-8, reduction);
            case "gaussian_nll" -> Losses.gaussianNll(x, t, in.get("var"), given.flag("full"), 1e-6, reduction);
            default -> throw new AssertionError(given.toString());
        };
    }

    private Tensor ofPairs(Reduction reduction) {
        Tensor a = in.get("a");
        Tensor b = in.get("b");
        Tensor t = in.get("target");
        if (given.text("kind").equals("cosine")) {
            return MetricLosses.cosine(a, b);
        }
        if (given.text("kind").equals("distance")) {
            return MetricLosses.distance(a, b, (int) given.whole("p"));
        }
        double margin = given.number("margin");
        return switch (given.text("kind")) {
            case "cosine_embedding" -> MetricLosses.cosineEmbedding(a, b, t, margin, reduction);
            case "margin_ranking" -> MetricLosses.marginRanking(a, b, t, margin, reduction);
            case "contrastive" -> MetricLosses.contrastive(a, b, t, margin, reduction);
            case "triplet_margin" -> MetricLosses.tripletMargin(a, b, in.get("c"), margin, (int) given.whole("p"), given.flag("swap"), reduction);
            default -> throw new AssertionError(given.toString());
        };
    }

    private Tensor response(ResponseForm form) {
        return Normalization.localResponseNorm(in.get("x"), (int) given.whole("size"), given.number("alpha"), given.number("beta"),
                given.number("k"), form);
    }

    private int dim() {
        return (int) given.whole("dim");
    }
}
