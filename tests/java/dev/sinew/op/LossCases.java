package dev.sinew.op;

import dev.sinew.Tensor;
import dev.sinew.functional.Losses;
import dev.sinew.functional.MetricLosses;
import java.util.List;

/** The losses that are compositions; inputs from 0.5 to 2 keep off the corners of hinges. */
final class LossCases {
    private LossCases() {}

    static void add(List<OpCase> all) {
        all.add(OpCase.named("hinge", in -> one(Losses.hinge(in[0], in[1]))).normal(4, 3).labels(3, 4));
        all.add(OpCase.named("kl_divergence over N", in -> one(Losses.klDivergenceBatchMean(in[0], in[1], false))).normal(4, 3).positive(4, 3));
        for (Reduction r : Reduction.values()) {
            all.add(OpCase.named("perceptron " + r, in -> one(Losses.perceptron(in[0], in[1], r))).normal(4, 3).unit(4, 3).twice());
            all.add(OpCase.named("multi_class_perceptron " + r, in -> one(Losses.multiClassPerceptron(in[0], in[1], r))).normal(7, 3).labels(3, 7));
        }
        all.add(OpCase.named("cosine", in -> one(MetricLosses.cosine(in[0], in[1]))).normal(4, 3).normal(4, 3));
        all.add(OpCase.named("distance", in -> one(MetricLosses.distance(in[0], in[1], 2))).normal(4, 3).normal(4, 3));
        for (Reduction r : Reduction.values()) {
            for (long[] x : new long[][] {{4, 3}, {2, 3, 2, 4}}) {
                long positions = x.length == 2 ? 4 : 16;
                long[] labels = x.length == 2 ? new long[] {4} : new long[] {2, 2, 4};
                all.add(OpCase.named("cross_entropy of positions " + r, in -> one(Losses.crossEntropy(in[0], in[1].reshape(labels), in[2], -100, 0.1, r)))
                        .normal(x).labels(3, positions).positive(3).fixed());
                all.add(OpCase.named("nll " + r, in -> one(Losses.nll(in[0], in[1].reshape(labels), in[2], -100, r))).normal(x).labels(3, positions)
                        .positive(3).fixed());
                all.add(OpCase.named("focal " + r, in -> one(Losses.focal(in[0], in[1].reshape(labels), in[2], 1.5, r))).normal(x).labels(3, positions)
                        .positive(3).fixed());
                all.add(OpCase.named("soft_cross_entropy " + r, in -> one(Losses.softCrossEntropy(in[0], in[1], in[2], 0.1, r))).normal(x).unit(x).positive(3));
                all.add(OpCase.named("dice " + r, in -> one(Losses.dice(in[0], in[1], 1, r))).unit(x).unit(x));
                all.add(OpCase.named("jaccard " + r, in -> one(Losses.jaccard(in[0], in[1], 1, r))).unit(x).unit(x));
                elements(all, r, x);
            }
            all.add(OpCase.named("multi_label_margin " + r, in -> one(Losses.multiLabelMargin(in[0], in[1], r))).normal(4, 3).unit(4, 3));
            all.add(OpCase.named("cosine_embedding " + r, in -> one(MetricLosses.cosineEmbedding(in[0], in[1], in[2], 0.1, r)))
                    .normal(5, 4).normal(5, 4).normal(5).fixed());
            all.add(OpCase.named("bce_with_logits " + r, in -> one(Losses.bceWithLogits(in[0], in[1], null, null, r))).normal(4, 3).unit(4, 3));
            all.add(OpCase.named("mse " + r, in -> one(Losses.mse(in[0], in[1], r))).normal(4, 3).normal(4, 3));
            all.add(OpCase.named("multi_label_soft_margin " + r, in -> one(Losses.multiLabelSoftMargin(in[0], in[1], in[2], r)))
                    .normal(4, 3).unit(4, 3).positive(3));
            all.add(OpCase.named("multi_margin " + r, in -> one(Losses.multiMargin(in[0], in[1], null, 2, 0.7, r))).normal(4, 3).labels(3, 4));
            all.add(OpCase.named("margin_ranking " + r, in -> one(MetricLosses.marginRanking(in[0], in[1], in[2], 0.3, r))).normal(9).normal(9).normal(9));
            all.add(OpCase.named("contrastive " + r, in -> one(MetricLosses.contrastive(in[0], in[1], in[2], 3, r))).normal(5, 4).normal(5, 4).unit(5));
            for (int p = 1; p <= 2; p++) {
                int norm = p;
                all.add(OpCase.named("triplet_margin " + p + r, in -> one(MetricLosses.tripletMargin(in[0], in[1], in[2], 1, norm, norm == 2, r)))
                        .normal(5, 4).normal(5, 4).normal(5, 4));
            }
        }
    }

    private static void elements(List<OpCase> all, Reduction r, long[] x) {
        all.add(OpCase.named("l1 " + r, in -> one(Losses.l1(in[0], in[1], r))).normal(x).normal(x));
        all.add(OpCase.named("smooth_l1 " + r, in -> one(Losses.smoothL1(in[0], in[1], 0.7, r))).normal(x).normal(x));
        all.add(OpCase.named("huber " + r, in -> one(Losses.huber(in[0], in[1], 0.7, r))).normal(x).normal(x));
        all.add(OpCase.named("bce " + r, in -> one(Losses.bce(in[0].mul(0.4), in[1], in[2], r))).positive(x).unit(x).positive(x));
        all.add(OpCase.named("binary_focal " + r, in -> one(Losses.binaryFocal(in[0], in[1].greater(in[2], dev.sinew.Broadcast.NO), 0.25, 2, r)))
                .normal(x).normal(x).fixed().normal(x).fixed());
        all.add(OpCase.named("soft_margin " + r, in -> one(Losses.softMargin(in[0], in[1], r))).normal(x).normal(x));
        all.add(OpCase.named("hinge_embedding " + r, in -> one(MetricLosses.hingeEmbedding(in[0], in[1], 1, r))).normal(x).normal(x).fixed());
        all.add(OpCase.named("kl_divergence " + r, in -> one(Losses.klDivergence(in[0], in[1], false, r))).normal(x).positive(x));
        all.add(OpCase.named("kl_divergence of logarithms " + r, in -> one(Losses.klDivergence(in[0], in[1], true, r))).normal(x).normal(x));
        all.add(OpCase.named("poisson_nll " + r, in -> one(Losses.poissonNll(in[0], in[1], false, true, 1e-8, r))).positive(x).positive(x).fixed());
        all.add(OpCase.named("gaussian_nll " + r, in -> one(Losses.gaussianNll(in[0], in[1], in[2], true, 1e-6, r))).normal(x).normal(x).positive(x));
        all.add(OpCase.named("masked " + r, in -> one(Losses.masked(in[0], in[1], r))).normal(x).positive(x));
    }

    private static Tensor[] one(Tensor y) {
        return new Tensor[] {y};
    }
}
