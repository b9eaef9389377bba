package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Ops;
import dev.sinew.op.Pad;
import dev.sinew.op.Reduce;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Normalisation by mean and variance over some dimensions, and across channels. */
final class NormalizationOperators {
    private NormalizationOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("BatchNormalization", NormalizationOperators::batch);
        operators.put("InstanceNormalization", NormalizationOperators::instance);
        operators.put("LayerNormalization", NormalizationOperators::layer);
        operators.put("GroupNormalization", NormalizationOperators::group);
        operators.put("MeanVarianceNormalization", NormalizationOperators::meanVariance);
        operators.put("LpNormalization", NormalizationOperators::lp);
        operators.put("LRN", NormalizationOperators::localResponse);
    }

    private static Tensor mean(Tensor x, List<Integer> dims) {
        return ReductionOperators.reduce(Reduce.Kind.MEAN, x, dims);
    }

    private static List<Integer> from(int first, int rank) {
        return IntStream.range(first, rank).boxed().toList();
    }

    /** [C] for x [N, C, ...]. */
    private static Tensor perChannel(Tensor values, int rank) {
        long[] dims = new long[rank - 1];
        Arrays.fill(dims, 1);
        dims[0] = values.shape().count();
        return values.reshape(dims);
    }

    /** (x - mean) / sqrt(variance + eps), the mean and 1 / sqrt(variance + eps). */
    private static Tensor[] normalized(Tensor x, List<Integer> dims, double eps) {
        Tensor mean = mean(x, dims);
        Tensor centred = x.sub(mean, Broadcast.YES);
        Tensor inverse = mean(centred.square(), dims).add(eps).sqrt().reciprocal();
        return new Tensor[] {centred.mul(inverse, Broadcast.YES), mean, inverse};
    }

    private static List<Value> batch(OnnxNode node) {
        ElementType type = node.in(0).type();
        Tensor x = node.x(0);
        int rank = x.shape().rank();
        double eps = node.attr("epsilon", 1e-5f);
        double momentum = node.attr("momentum", 0.9f);
        node.ignore("spatial", "is_test");
        if (!node.flag("training_mode", false)) {
            long[] dims = x.shape().dims();
            Tensor image = rank == 2 || rank == 4 ? x : x.reshape(dims[0], dims[1], -1, 1);
            Tensor y = Ops.apply(new BatchNormInfer(eps, Activation.IDENTITY), image, node.x(1, x.dtype()), node.x(2, x.dtype()),
                    node.x(3, x.dtype()), node.x(4, x.dtype()));
            return List.of(Value.of(type, y.reshape(dims)));
        }
        List<Integer> others = new ArrayList<>(from(2, rank));
        others.addFirst(0);
        Tensor mean = mean(x, others);
        Tensor variance = mean(x.sub(mean, Broadcast.YES).square(), others);
        Tensor y = x.sub(mean, Broadcast.YES).div(variance.add(eps).sqrt(), Broadcast.YES)
                .mul(perChannel(node.x(1), rank), Broadcast.YES).add(perChannel(node.x(2), rank), Broadcast.YES);
        return List.of(Value.of(type, y),
                Value.of(node.in(3).type(), node.x(3).mul(momentum).add(mean.reshape(-1).cast(node.x(3).dtype()).mul(1 - momentum))),
                Value.of(node.in(4).type(), node.x(4).mul(momentum).add(variance.reshape(-1).cast(node.x(4).dtype()).mul(1 - momentum))));
    }

    private static List<Value> instance(OnnxNode node) {
        Tensor x = node.x(0);
        int rank = x.shape().rank();
        Tensor y = normalized(x, from(2, rank), node.attr("epsilon", 1e-5f))[0];
        y = y.mul(perChannel(node.x(1), rank), Broadcast.YES).add(perChannel(node.x(2), rank), Broadcast.YES);
        return List.of(Value.of(node.in(0).type(), y));
    }

    private static List<Value> layer(OnnxNode node) {
        ElementType type = node.in(0).type();
        Tensor x = node.x(0);
        int axis = node.axis("axis", -1, x.shape().rank());
        Tensor[] parts = normalized(x, from(axis, x.shape().rank()), node.attr("epsilon", 1e-5f));
        node.ignore("stash_type");
        Tensor y = parts[0].mul(node.x(1), Broadcast.YES);
        y = node.has(2) ? y.add(node.x(2), Broadcast.YES) : y;
        return List.of(Value.of(type, y), Value.of(type, parts[1]), Value.of(type, parts[2]));
    }

    private static List<Value> group(OnnxNode node) {
        Tensor x = node.x(0);
        long[] dims = x.shape().dims();
        long groups = node.attr("num_groups", 1L);
        Tensor y = normalized(x.reshape(dims[0], groups, -1), List.of(2), node.attr("epsilon", 1e-5f))[0];
        boolean perGroup = node.opset() < 21;
        Tensor scale = node.x(1);
        Tensor bias = node.x(2);
        if (perGroup && dims[1] != groups) {
            y = y.mul(scale.reshape(groups, 1), Broadcast.YES).add(bias.reshape(groups, 1), Broadcast.YES).reshape(dims);
        } else {
            y = y.reshape(dims).mul(perChannel(scale, dims.length), Broadcast.YES).add(perChannel(bias, dims.length), Broadcast.YES);
        }
        return List.of(Value.of(node.in(0).type(), y));
    }

    private static List<Value> meanVariance(OnnxNode node) {
        Tensor x = node.x(0);
        List<Integer> dims = Arrays.stream(node.attrs("axes", 0, 2, 3)).mapToObj(axis -> node.axis(axis, x.shape().rank())).toList();
        return List.of(Value.of(node.in(0).type(), normalized(x, dims, 1e-9)[0]));
    }

    private static List<Value> lp(OnnxNode node) {
        Tensor x = node.x(0);
        List<Integer> dims = List.of(node.axis("axis", -1, x.shape().rank()));
        long p = node.attr("p", 2L);
        if (p != 1 && p != 2) {
            throw node.unsupported("attribute p=" + p);
        }
        Tensor norm = p == 1 ? ReductionOperators.sum(x.abs(), dims) : ReductionOperators.sum(x.square(), dims).sqrt();
        return List.of(Value.of(node.in(0).type(), x.div(norm, Broadcast.YES)));
    }

    /** The mean of the squares of neighbouring channels is a mean of windows in an image whose rows are the channels. */
    private static List<Value> localResponse(OnnxNode node) {
        Tensor x = node.x(0);
        long[] d = x.shape().dims();
        long size = node.attr("size", 1L);
        Tensor squares = x.square().reshape(d[0], 1, d[1], -1);
        Tensor padded = Ops.apply(new Pad(new long[] {0, 0, (size - 1) / 2, 0}, new long[] {0, 0, size / 2, 0}, 0), squares);
        Tensor means = Ops.apply(new AvgPool2d(Window2d.of(size, 1), false, true), padded).reshape(d);
        Tensor divisor = means.mul(node.attr("alpha", 1e-4f)).add(node.attr("bias", 1.0));
        return List.of(Value.of(node.in(0).type(), x.div(divisor.pow(Compose.like(x, node.attr("beta", 0.75)), Broadcast.YES))));
    }
}
