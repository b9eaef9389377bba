package dev.sinew.op;

import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import dev.sinew.functional.Normalization.ResponseForm;
import dev.sinew.functional.RunningStatistics;
import java.util.List;

/** Normalisation of samples by themselves. */
final class NormalizationCases {
    private NormalizationCases() {}

    static void add(List<OpCase> all) {
        for (long[] x : new long[][] {{1, 2}, {5, 6}, {3, 34}, {2, 6, 4, 5}, {1, 4, 2, 1}, {3, 2, 3, 3}}) {
            for (long groups = 1; groups <= 2; groups++) {
                for (boolean rms : new boolean[] {false, true}) {
                    GroupNorm op = new GroupNorm(groups, 1e-2, rms);
                    all.add(OpCase.of(op).normal(x));
                    all.add(OpCase.first(op).normal(x).twice());
                    all.add(OpCase.first(op).normal(x).normal(x[1]).twice());
                    all.add(OpCase.first(op).normal(x).normal(x[1]).normal(x[1]).twice());
                }
            }
            all.add(OpCase.named("instance_norm of " + x.length, in -> one(Normalization.instanceNorm(in[0].mul(3), in[1], in[2], 0.1)))
                    .normal(x).normal(x[1]).normal(x[1]));
        }
        for (long[] x : new long[][] {{7}, {2, 3, 4}, {2, 6, 4, 5}, {2, 2, 3, 2, 3}}) {
            for (int dims = 1; dims <= x.length; dims++) {
                int d = dims;
                long[] block = java.util.Arrays.copyOfRange(x, x.length - d, x.length);
                all.add(OpCase.named("layer_norm over " + d, in -> one(Normalization.layerNorm(in[0], d, in[1], in[2], 1e-3))).normal(x).normal(block).normal(block));
                all.add(OpCase.named("rms_norm over " + d, in -> one(Normalization.rmsNorm(in[0], d, in[1], 1e-3))).normal(x).normal(block));
            }
        }
        all.add(OpCase.named("group_norm of rank 3", in -> one(Normalization.groupNorm(in[0], 2, in[1], in[2], 1e-3))).normal(2, 4, 5).normal(4).normal(4));
        all.add(OpCase.named("group_norm of rank 5", in -> one(Normalization.groupNorm(in[0], 3, null, null, 1e-3))).normal(2, 6, 2, 3, 2));
        running(all);
        for (ResponseForm form : ResponseForm.values()) {
            for (int size : new int[] {1, 2, 5, 9}) {
                all.add(OpCase.named("lrn " + form + size, in -> one(Normalization.localResponseNorm(in[0], size, 0.3, 0.75, 2, form))).normal(2, 6, 3, 2).twice());
            }
            all.add(OpCase.named("lrn " + form, in -> one(Normalization.localResponseNorm(in[0], 3, 0.3, 0.75, 2, form))).normal(3, 5).twice());
        }
        all.add(OpCase.named("subtractive", in -> one(Normalization.subtractive(in[0], in[1]))).normal(2, 3, 5, 4).positive(3, 3).twice());
        all.add(OpCase.named("divisive", in -> one(Normalization.divisive(in[0], in[1]))).normal(2, 3, 5, 4).positive(3, 3));
        all.add(OpCase.named("local_contrast", in -> one(Normalization.localContrast(in[0], in[1]))).normal(1, 2, 3, 6).positive(5, 5));
    }

    private static void running(List<OpCase> all) {
        for (long[] x : new long[][] {{4, 3}, {3, 3, 4}, {2, 3, 3, 2}, {2, 3, 2, 3, 2}}) {
            for (boolean training : new boolean[] {true, false}) {
                all.add(OpCase.named("batch_norm" + training, in -> one(Normalization.batchNorm(in[0], in[1], in[2],
                        RunningStatistics.of(in[3], in[4], 0.3), training, 1e-3))).normal(x).normal(3).normal(3).normal(3).fixed().positive(3).fixed());
                if (x.length > 2) {
                    all.add(OpCase.named("instance_norm" + training, in -> one(Normalization.instanceNorm(in[0], in[1], in[2],
                            RunningStatistics.of(in[3], in[4], 0.3), training, 0.1))).normal(x).normal(3).normal(3).normal(3).fixed().positive(3).fixed());
                }
            }
            all.add(OpCase.named("batch_norm, no statistics", in -> one(Normalization.batchNorm(in[0], null, null, null, true, 1e-3))).normal(x));
            all.add(OpCase.named("batch_norm, average", in -> one(Normalization.batchNorm(in[0], in[1], null,
                    RunningStatistics.average(in[2], in[3], in[4]), true, 1e-3))).normal(x).normal(3).normal(3).fixed().positive(3).fixed().normal().fixed());
        }
    }

    private static Tensor[] one(Tensor y) {
        return new Tensor[] {y};
    }
}
