package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import dev.sinew.op.Reduction;

/** Losses of similarities, distances and ranks; formulas and defaults are PyTorch's. Embeddings are rows, [N, D]. */
public final class MetricLosses {
    private MetricLosses() {}

    private static Tensor reduce(Tensor each, Reduction reduction) {
        return Losses.reduce(each, reduction);
    }

    /** The cosine of each pair of rows, [N]: x y / sqrt((|x|^2 + 1e-12) (|y|^2 + 1e-12)). */
    public static Tensor cosine(Tensor x, Tensor y) {
        Losses.same("cosine", x, y);
        Tensor lengths = x.square().sum(-1).add(1e-12).mul(y.square().sum(-1).add(1e-12));
        return x.mul(y).sum(-1).div(lengths.sqrt());
    }

    /** The distance of each pair of rows, [N], by the norm p, 1 or 2, of x - y + 1e-6. */
    public static Tensor distance(Tensor x, Tensor y, int p) {
        Losses.same("distance", x, y);
        Tensor d = x.sub(y).add(1e-6);
        return switch (p) {
            case 1 -> d.abs().sum(-1);
            case 2 -> d.square().sum(-1).sqrt();
            default -> throw new IllegalArgumentException("distance: p must be 1 or 2, not " + p);
        };
    }

    /** yes where the target is above 0, else no. */
    private static Tensor choose(Tensor target, Tensor yes, Tensor no) {
        Tensor positive = Activations.step(target, 0);
        return yes.mul(positive).add(no.mul(positive.mul(-1).add(1)));
    }

    /** 1 - cosine of rows that belong together (target [N] 1), max(0, cosine - margin) of those that do not (-1). */
    public static Tensor cosineEmbedding(Tensor x, Tensor y, Tensor target, double margin, Reduction reduction) {
        Tensor cosine = cosine(x, y);
        Losses.same("cosine_embedding", cosine, target);
        return reduce(choose(target, cosine.mul(-1).add(1), cosine.add(-margin).relu()), reduction);
    }

    /** max(0, margin - target (x - y)): x is to rank above y where the target is 1, below where it is -1. */
    public static Tensor marginRanking(Tensor x, Tensor y, Tensor target, double margin, Reduction reduction) {
        Losses.same("margin_ranking", x, y);
        Losses.same("margin_ranking", x, target);
        return reduce(x.sub(y).mul(target).mul(-1).add(margin).relu(), reduction);
    }

    /** x, a distance, where the target is 1, and max(0, margin - x) where it is -1. */
    public static Tensor hingeEmbedding(Tensor x, Tensor target, double margin, Reduction reduction) {
        Losses.same("hinge_embedding", x, target);
        return reduce(choose(target, x, x.mul(-1).add(margin).relu()), reduction);
    }

    /**
     * max(0, d(anchor, positive) - d(anchor, negative) + margin) (Schroff et al. 2015, without squares).
     *
     * @param p the norm of the distance, 1 or 2
     * @param swap whether the smaller of d(anchor, negative) and d(positive, negative) counts (Balntas et al. 2016)
     */
    public static Tensor tripletMargin(Tensor anchor, Tensor positive, Tensor negative, double margin, int p, boolean swap, Reduction reduction) {
        Tensor near = distance(anchor, positive, p);
        Tensor far = distance(anchor, negative, p);
        far = swap ? far.minimum(distance(positive, negative, p), Broadcast.NO) : far;
        return reduce(near.sub(far).add(margin).relu(), reduction);
    }

    /**
     * (1 - t) d^2 / 2 + t max(0, margin - d)^2 / 2 with the Euclidean distance d (Hadsell et al. 2006, equation 4).
     *
     * @param target t, [N]: 0 for rows that belong together, 1 for those that do not
     */
    public static Tensor contrastive(Tensor x, Tensor y, Tensor target, double margin, Reduction reduction) {
        Losses.same("contrastive", x, y);
        Tensor square = x.sub(y).square().sum(-1);
        Losses.same("contrastive", square, target);
        Tensor missing = square.add(1e-12).sqrt().mul(-1).add(margin).relu().square();
        return reduce(square.mul(target.mul(-1).add(1)).add(missing.mul(target)).mul(0.5), reduction);
    }
}
