package dev.sinew.functional;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Fill;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Blend;
import dev.sinew.op.GroupNorm;
import dev.sinew.op.Ops;

/** Batch and instance normalisation with running statistics, for {@link Normalization}. */
final class BatchStatistics {
    private final Tensor x;
    private final Shape channels;
    private final Tensor weight;
    private final Tensor bias;
    private final double eps;

    /** @param x [N, C], [N, C, H, W]; weight and bias [C] or null */
    BatchStatistics(Tensor x, Tensor weight, Tensor bias, double eps) {
        this.x = x;
        this.channels = Shape.of(x.shape().dim(1));
        this.weight = weight == null ? perChannel(1) : weight;
        this.bias = bias == null ? perChannel(0) : bias;
        this.eps = eps;
    }

    private Tensor perChannel(double value) {
        return Fill.with(x, new Spec(x.dtype(), channels, Layout.ROW_MAJOR), value);
    }

    private Tensor cell(DType type, double value) {
        return Fill.with(x, Spec.of(type, Shape.scalar()), value);
    }

    /** By the running statistics. */
    Tensor infer(RunningStatistics running) {
        return Ops.apply(new BatchNormInfer(eps, Activation.IDENTITY), x, weight, bias, running.mean(), running.variance());
    }

    /** By the batch's. */
    Tensor batch(RunningStatistics running) {
        boolean byKernel = running != null && running.batchesOrNull() == null;
        Tensor[] out = Ops.applyAll(new BatchNorm(eps, byKernel ? running.momentum() : 0, Activation.IDENTITY), x, weight, bias,
                byKernel ? running.mean() : perChannel(0), byKernel ? running.variance() : perChannel(1));
        if (running != null && !byKernel) {
            keep(running, out[1], variance(out[2], x.shape().count() / channels.count()));
        }
        return out[0];
    }

    /** By each sample's; the running ones follow the means over the samples. */
    Tensor instance(RunningStatistics running) {
        Tensor[] out = Ops.applyAll(new GroupNorm(channels.count(), eps, false), x, weight, bias);
        if (running != null) {
            long values = x.shape().count() / channels.count() / x.shape().dim(0);
            keep(running, out[1].mean(0), variance(out[2], values).mean(0));
        }
        return out[0];
    }

    /** The unbiased variance from 1 / sqrt(biased variance + eps). */
    private Tensor variance(Tensor invstd, long values) {
        return invstd.square().reciprocal().add(-eps).relu().mul((double) values / (values - 1));
    }

    private void keep(RunningStatistics running, Tensor mean, Tensor variance) {
        Tensor share = cell(DType.F64, running.momentum());
        if (running.batchesOrNull() != null) {
            Tensor count = cell(x.dtype(), 1).add(running.batchesOrNull());
            share = count.reciprocal().cast(DType.F64);
            blend(running.batchesOrNull(), count, cell(DType.F64, 0), cell(DType.F64, 1));
        }
        Tensor kept = share.mul(-1).add(1);
        blend(running.mean(), mean, kept, share);
        blend(running.variance(), variance, kept, share);
    }

    private static void blend(Tensor... in) {
        Ops.applyAll(new Blend(), in);
    }
}
