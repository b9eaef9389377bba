package dev.sinew.graph;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Binary;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Fusable;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import dev.sinew.op.Permute;
import dev.sinew.op.Reshape;
import dev.sinew.op.Unary;

/**
 * Arithmetic on constant weights, done in the prologue, that saves work in every run. Results differ from those of the
 * operations one by one in rounding only.
 */
final class Folding {
    private final Constants constants;

    Folding(Constants constants) {
        this.constants = constants;
    }

    /**
     * norm(conv(x)) as one convolution, or matrix product: the weights of a channel times scale = gamma / sqrt(var + eps),
     * the bias (bias - mean) scale + beta. Null when something of it changes from run to run.
     */
    Plan.Step normIntoWeights(Plan.Step before, Plan.Step norm) {
        BatchNormInfer op = (BatchNormInfer) norm.op();
        Tensor[] in = before.inputs();
        if (op.eps() == 0 || !constants.containsAll(in, 1) || !constants.containsAll(norm.inputs(), 1)) {
            return null; // eps 0: a variance of 0 makes infinite weights, whose products with 0 are no numbers
        }
        Shape perChannel;
        switch (before.op()) {
            case Conv2d conv when plain(conv) && !conv.residual() && !conv.packed() -> perChannel = Shape.of(in[1].shape().dim(0), 1, 1, 1);
            case Gemm gemm when plain(gemm) && !gemm.packed() ->
                    perChannel = gemm.transB() ? Shape.of(in[1].shape().dim(0), 1) : Shape.of(1, in[1].shape().dim(1));
            default -> {
                return null;
            }
        }
        Tensor gamma = norm.inputs()[1];
        Tensor beta = norm.inputs()[2];
        Tensor mean = norm.inputs()[3];
        Tensor deviation = unary(Unary.of(Unary.Kind.SQRT), unary(new Unary(Unary.Kind.AFFINE, 1, op.eps()), norm.inputs()[4]));
        Tensor scale = binary(Binary.Kind.DIV, gamma, deviation);
        Tensor weight = constants.apply(new Binary(Binary.Kind.MUL, Broadcast.YES), in[1], constants.apply(new Reshape(perChannel), scale));
        Tensor shift = in.length == 3 ? binary(Binary.Kind.SUB, in[2], mean) : unary(new Unary(Unary.Kind.AFFINE, -1, 0), mean);
        Tensor bias = binary(Binary.Kind.ADD, binary(Binary.Kind.MUL, shift, scale), beta);
        return new Plan.Step(((Fusable) before.op()).withActivation(op.activation()), new Tensor[] {in[0], weight, bias}, norm.outputs());
    }

    /**
     * The weight of a dense layer on a flattened image [N, C H W], for the image as it lies in memory when it is
     * channels-last, [N, H W C].
     */
    Tensor forChannelsLast(Tensor weight, boolean transposed, Shape image) {
        long c = image.dim(1);
        long h = image.dim(2);
        long w = image.dim(3);
        long units = weight.shape().dim(transposed ? 0 : 1);
        Tensor apart = constants.apply(new Reshape(transposed ? Shape.of(units, c, h, w) : Shape.of(c, h, w, units)), weight);
        Tensor moved = constants.apply(transposed ? new Permute(0, 2, 3, 1) : new Permute(1, 2, 0, 3), apart);
        return constants.apply(new Reshape(weight.shape()), moved);
    }

    private static boolean plain(Fusable op) {
        return op.activation().kind() == Activation.Kind.IDENTITY;
    }

    private Tensor unary(Unary op, Tensor x) {
        return constants.apply(op, x);
    }

    private Tensor binary(Binary.Kind kind, Tensor a, Tensor b) {
        return constants.apply(new Binary(kind, Broadcast.NO), a, b);
    }
}
