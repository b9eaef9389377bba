package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Losses of classifications: scores [N, C, ...], labels [N, ...]. */
final class LossOperators {
    private LossOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("NegativeLogLikelihoodLoss", node -> List.of(loss(node, node.x(0))));
        operators.put("SoftmaxCrossEntropyLoss", node -> {
            Tensor logs = Compose.overDim(node.x(0), 1, Tensor::logSoftmax);
            return List.of(loss(node, logs), Value.of(node.in(0).type(), logs));
        });
    }

    private static Value loss(OnnxNode node, Tensor logs) {
        int rank = logs.shape().rank();
        long[] dims = logs.shape().dims();
        dims[1] = 1;
        Tensor labels = node.x(1, logs.dtype()).reshape(dims);
        Tensor hot = Compose.equal(labels, Compose.iota(logs.dtype(), logs.shape().dim(1), 1, rank));
        Tensor zero = Compose.like(logs, 0);
        Tensor losses = ReductionOperators.sum(Compose.where(hot, logs.neg(), zero), List.of(1));
        Tensor weights = Tensor.full(logs.dtype(), losses.shape(), 1);
        if (node.has(2)) {
            long[] shape = new long[rank - 1];
            Arrays.fill(shape, 1);
            shape[0] = logs.shape().dim(1);
            weights = ReductionOperators.sum(hot.mul(node.x(2).reshape(shape), Broadcast.YES), List.of(1));
        }
        if (node.hasAttr("ignore_index")) {
            Tensor counted = Compose.not(Compose.equal(labels, Compose.like(labels, node.attr("ignore_index", 0L))));
            weights = weights.mul(counted);
        }
        Tensor weighted = losses.mul(weights);
        Tensor result = switch (node.attr("reduction", "mean")) {
            case "none" -> {
                long[] shape = new long[rank - 1];
                shape[0] = dims[0];
                System.arraycopy(dims, 2, shape, 1, rank - 2);
                yield weighted.reshape(shape);
            }
            case "sum" -> weighted.sum();
            case "mean" -> weighted.sum().div(weights.sum());
            default -> throw node.unsupported("attribute reduction=" + node.attr("reduction", ""));
        };
        return Value.of(node.in(0).type(), result);
    }
}
