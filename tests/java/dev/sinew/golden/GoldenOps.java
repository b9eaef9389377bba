package dev.sinew.golden;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Bce;
import dev.sinew.op.Binary;
import dev.sinew.op.Conv2d;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.Gemm;
import dev.sinew.op.Hinge;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Mse;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduce;
import dev.sinew.op.Reduction;
import dev.sinew.op.Softmax;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Applies our operations to a case's inputs; the tensors may have values or be symbolic. */
final class GoldenOps {
    private final GoldenCase given;
    private final Map<String, Tensor> in;
    /** Whether activations are left to the operation before them, instead of being operations of their own. */
    private final boolean fused;

    private GoldenOps(GoldenCase given, Map<String, Tensor> in, boolean fused) {
        this.given = given;
        this.in = in;
        this.fused = fused;
    }

    /** The outputs, by their names in the case. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> inputs, boolean fused) {
        if (GoldenNorm.has(given.family())) {
            return GoldenNorm.outputs(given, inputs);
        }
        GoldenOps ops = new GoldenOps(given, inputs, fused);
        Map<String, Tensor> sequences = GoldenSequences.outputs(given, inputs);
        return sequences != null ? sequences : switch (given.family()) {
            case "gemm" -> Map.of("y", ops.gemm());
            case "conv2d" -> Map.of("y", ops.conv2d());
            case "pool2d" -> ops.pool2d();
            case "unary" -> Map.of("y", unary(inputs.get("x"), given.text("kind"), given.number("alpha"), given.number("beta")));
            case "binary" -> Map.of("y", Ops.apply(new Binary(Binary.Kind.valueOf(upper(given.text("kind"))), Broadcast.YES),
                    inputs.get("a"), inputs.get("b")));
            case "convolution", "pooling", "resampling" -> GoldenImages.outputs(given, inputs);
            case "softmax" -> Map.of("y", Ops.apply(new Softmax(given.flag("log")), inputs.get("x")));
            case "cross_entropy" -> ops.crossEntropy();
            case "mse" -> Map.of("loss", Ops.apply(new Mse(ops.reduction()), inputs.get("x"), inputs.get("target")));
            case "bce" -> Map.of("loss", Ops.apply(new Bce(ops.reduction(), inputs.containsKey("weight"), inputs.containsKey("pos_weight")),
                    Ops.present(inputs.get("x"), inputs.get("target"), inputs.get("weight"), inputs.get("pos_weight"))));
            case "hinge" -> Map.of("loss", Ops.apply(new Hinge(ops.reduction(), (int) given.whole("p"), given.number("margin"),
                    given.flag("mean_over_classes")), Ops.present(inputs.get("x"), inputs.get("labels"), inputs.get("weights"))));
            case "batchnorm" -> ops.batchNorm();
            case "reduce" -> Map.of("y", Ops.apply(new Reduce(Reduce.Kind.valueOf(upper(given.text("kind"))),
                    Arrays.stream(given.wholes("dims")).mapToObj(d -> (int) d).toList(), given.flag("keepdim")), inputs.get("x")));
            case "permute" -> Map.of("y", given.attrs().containsKey("expand") ? inputs.get("x").broadcastTo(given.wholes("expand"))
                    : inputs.get("x").permute(Arrays.stream(given.wholes("order")).mapToInt(d -> (int) d).toArray()));
            case "concat" -> Map.of("y", Tensor.concat((int) given.whole("axis"), ops.numbered("x", (int) given.whole("count"))));
            case "slice" -> Map.of("y", inputs.get("x").slice((int) given.whole("axis"), given.whole("start"), given.whole("length"),
                    given.whole("step")));
            case "pad" -> Map.of("y", inputs.get("x").pad(given.wholes("before"), given.wholes("after"), given.number("value")));
            default -> throw new AssertionError("no operation for the family " + given.family());
        };
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    private Reduction reduction() {
        return Reduction.valueOf(upper(given.text("reduction")));
    }

    private Tensor[] numbered(String name, int count) {
        Tensor[] tensors = new Tensor[count];
        for (int i = 0; i < count; i++) {
            tensors[i] = in.get(name + i);
        }
        return tensors;
    }

    private Activation activation() {
        return given.act().equals("identity") ? Activation.IDENTITY
                : new Activation(Activation.Kind.valueOf(upper(given.act())), given.number("act_alpha"));
    }

    /** The activation as an operation of its own, unless the operation before it has done it. */
    private Tensor activate(Tensor y) {
        return given.act().equals("identity") || fused ? y : unary(y, given.act(), given.number("act_alpha"), 0);
    }

    static Tensor unary(Tensor x, String kind, double alpha, double beta) {
        // there is no operation that does nothing
        return kind.equals("identity") ? x.mul(1) : Ops.apply(new Unary(Unary.Kind.valueOf(upper(kind)), alpha, beta), x);
    }

    private Tensor gemm() {
        double alpha = given.number("alpha");
        double beta = given.number("beta");
        Activation act = fused ? activation() : Activation.IDENTITY;
        Gemm gemm = new Gemm(given.flag("trans_a"), given.flag("trans_b"), act);
        if (alpha == 1 && beta == 0) {
            return activate(Ops.apply(gemm, Ops.present(in.get("a"), in.get("b"), in.get("bias"))));
        }
        Tensor y = Ops.apply(gemm, in.get("a"), in.get("b")).mul(alpha).add(in.get("c").mul(beta));
        return activate(in.containsKey("bias") ? y.add(in.get("bias"), Broadcast.YES) : y);
    }

    private Window2d window() {
        return new Window2d(given.whole("kh"), given.whole("kw"), given.whole("stride_h"), given.whole("stride_w"), given.whole("pad_h"),
                given.whole("pad_w"), given.whole("dilation_h"), given.whole("dilation_w"));
    }

    private Tensor conv2d() {
        Conv2d conv = new Conv2d(window(), given.whole("groups"), fused ? activation() : Activation.IDENTITY);
        return activate(Ops.apply(conv, Ops.present(in.get("x"), in.get("weight"), in.get("bias"))));
    }

    private Map<String, Tensor> pool2d() {
        if (given.text("kind").equals("avg")) {
            return Map.of("y", Ops.apply(new AvgPool2d(window(), given.flag("ceil_mode"), given.flag("count_include_pad")), in.get("x")));
        }
        Tensor[] y = Ops.applyAll(new MaxPool2d(window(), given.flag("ceil_mode")), in.get("x"));
        return Map.of("y", y[0], "index", y[1]);
    }

    private Map<String, Tensor> crossEntropy() {
        CrossEntropy op = new CrossEntropy(reduction(), given.number("smoothing"), given.whole("ignore_index"));
        Tensor[] y = Ops.applyAll(op, Ops.present(in.get("logits"), in.get("labels"), in.get("weights")));
        return Map.of("loss", y[0], "probs", y[1]);
    }

    /** Our operation always has gamma, beta and running values; where the case has none, those that change nothing. */
    private Map<String, Tensor> batchNorm() {
        Tensor x = in.get("x");
        Shape channels = Shape.of(x.shape().dim(1));
        Tensor gamma = in.getOrDefault("gamma", Tensor.full(x.dtype(), channels, 1));
        Tensor beta = in.getOrDefault("beta", Tensor.full(x.dtype(), channels, 0));
        Tensor mean = in.getOrDefault("running_mean", Tensor.full(x.dtype(), channels, 0));
        Tensor variance = in.getOrDefault("running_var", Tensor.full(x.dtype(), channels, 1));
        Activation inside = fused ? new Activation(Activation.Kind.valueOf(upper(given.act())), 0) : Activation.IDENTITY;
        if (given.text("mode").equals("infer")) {
            return Map.of("y", act(Ops.apply(new BatchNormInfer(given.number("eps"), inside), x, gamma, beta, mean, variance)));
        }
        Tensor[] y = Ops.applyAll(new BatchNorm(given.number("eps"), given.number("momentum"), inside), x, gamma, beta, mean, variance);
        Map<String, Tensor> outputs = new LinkedHashMap<>(Map.of("y", act(y[0]), "save_mean", y[1], "save_invstd", y[2]));
        if (in.containsKey("running_mean")) {
            outputs.put("running_mean", mean);
            outputs.put("running_var", variance);
        }
        return outputs;
    }

    private Tensor act(Tensor y) {
        return given.act().equals("identity") || fused ? y : y.relu();
    }

    /** Inputs that the operation overwrites. */
    static boolean isOverwritten(String input) {
        return input.startsWith("running_") || input.equals("num_batches_tracked");
    }
}
