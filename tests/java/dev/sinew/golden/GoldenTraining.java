package dev.sinew.golden;

import dev.sinew.Tensor;
import dev.sinew.functional.Losses;
import dev.sinew.functional.Normalization;
import dev.sinew.graph.Gradients;
import dev.sinew.op.Hinge;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import java.util.Locale;
import java.util.Map;

/** The families of golden_training.py: the perceptrons' rules, and gradients of gradients. */
final class GoldenTraining {
    private GoldenTraining() {}

    /** The outputs, by their names in the case. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> in) {
        if (given.family().equals("perceptrons")) {
            return Map.of("loss", perceptron(given, in));
        }
        Tensor x = in.get("x");
        return Map.of("y", Gradients.of(loss(given, in), in.get("seed"), new Tensor[] {x}).get(x));
    }

    private static Reduction reduction(GoldenCase given) {
        return Reduction.valueOf(given.text("reduction").toUpperCase(Locale.ROOT));
    }

    private static Tensor perceptron(GoldenCase given, Map<String, Tensor> in) {
        return given.text("kind").equals("perceptron") ? Losses.perceptron(in.get("x"), in.get("target"), reduction(given))
                : Losses.multiClassPerceptron(in.get("x"), in.get("labels"), reduction(given));
    }

    private static Tensor normalized(GoldenCase given, Map<String, Tensor> in) {
        Tensor x = in.get("x");
        Tensor weight = in.get("weight");
        Tensor bias = in.get("bias");
        double eps = given.number("eps");
        return switch (given.text("kind")) {
            case "group_norm" -> Normalization.groupNorm(x, 2, weight, bias, eps);
            case "instance_norm" -> Normalization.instanceNorm(x, weight, bias, eps);
            case "layer_norm" -> Normalization.layerNorm(x, 1, weight, bias, eps);
            case "batch_norm" -> Normalization.batchNorm(x, weight, bias, null, true, eps);
            default -> throw new AssertionError(given.toString());
        };
    }

    private static Tensor loss(GoldenCase given, Map<String, Tensor> in) {
        Tensor x = in.get("x");
        Tensor target = in.get("target");
        Tensor labels = in.get("labels");
        if (given.text("kind").endsWith("_norm")) {
            return normalized(given, in);
        }
        Reduction reduction = reduction(given);
        return switch (given.text("kind")) {
            case "cross_entropy" -> Losses.crossEntropy(x, labels, in.get("weights"), Losses.IGNORED, given.number("smoothing"), reduction);
            case "soft" -> Losses.softCrossEntropy(x, target, null, given.number("smoothing"), reduction);
            case "bce" -> Losses.bceWithLogits(x, target, in.get("weight"), in.get("pos_weight"), reduction);
            case "multi_margin" -> Ops.apply(new Hinge(reduction, (int) given.whole("p"), given.number("margin"), true), x, labels);
            default -> throw new AssertionError(given.toString());
        };
    }
}
