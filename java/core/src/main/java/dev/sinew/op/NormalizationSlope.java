package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The derivative of normalisations by operations, so that it can be differentiated again. With n = (x - mean) r, r being 1 /
 * deviation, over the elements of a group, it is s(v) = r (v - mean(v) - n mean(v n)), a symmetric map of v; where the mean is left
 * alone the second term is missing.
 */
final class NormalizationSlope {
    private final Shape shape;
    private final UnaryOperator<Tensor> group;
    private final List<Integer> dims;
    private final boolean centred;
    private final Tensor r;
    private final Tensor n;

    /**
     * For x of that shape.
     *
     * @param group brings a tensor of x's shape into one in which the elements of a group lie along {@code dims}
     * @param mean of the groups, of size 1 along {@code dims}
     * @param r likewise
     * @param centred whether the mean is one of x, and not left alone
     */
    NormalizationSlope(Tensor x, UnaryOperator<Tensor> group, List<Integer> dims, Tensor mean, Tensor r, boolean centred) {
        this.shape = x.shape();
        this.group = group;
        this.dims = dims;
        this.centred = centred;
        this.r = r;
        this.n = group.apply(x).sub(mean, Broadcast.YES).mul(r, Broadcast.YES);
    }

    private Tensor mean(Tensor v) {
        return Ops.apply(new Reduce(Reduce.Kind.MEAN, dims, true), v);
    }

    private Tensor asX(Tensor v) {
        return v.reshape(shape.dims());
    }

    /** The sum of those that are there. */
    static Tensor plus(Tensor a, Tensor b) {
        return a == null ? b : b == null ? a : a.add(b, Broadcast.YES);
    }

    /** s(v), grouped. */
    private Tensor of(Tensor v) {
        Tensor rest = v.sub(n.mul(mean(v.mul(n)), Broadcast.YES));
        return (centred ? rest.sub(mean(v), Broadcast.YES) : rest).mul(r, Broadcast.YES);
    }

    /** What the gradients of the mean and of r, grouped or null, are for x: dmean / dx = 1 / M, dr / dx = -n r^2 / M. */
    Tensor ofStatistics(Tensor dmean, Tensor dr) {
        double each = 1.0 / (n.shape().count() / r.shape().count());
        Tensor sum = dr == null ? null : n.mul(dr.mul(r.square()).mul(-each), Broadcast.YES);
        Tensor ofMean = dmean == null || !centred ? null : n.mul(0).add(dmean.mul(each), Broadcast.YES);
        sum = plus(sum, ofMean);
        return sum == null ? null : asX(sum);
    }

    /**
     * The gradients by x, dy and gamma of what {@code context} is about: dx = s(gamma dy), dgamma = sum of dy n, dbeta = sum of dy.
     *
     * @param dy the input
     * @param gammaOrNull [C]
     */
    Tensor[] gradients(Backward context, Tensor dy, Tensor gammaOrNull) {
        Tensor u = context.gradient(0);
        Tensor c = context.gradient(1) == null ? null : alongChannels(context.gradient(1));
        Tensor b = context.gradient(2) == null ? null : alongChannels(context.gradient(2));
        Tensor gamma = gammaOrNull == null ? null : alongChannels(gammaOrNull);
        Tensor byX = c == null ? null : of(group.apply(dy.mul(c, Broadcast.YES)));
        Tensor byDy = c == null ? null : asX(n).mul(c, Broadcast.YES);
        Tensor byGamma = null;
        if (u != null) {
            Tensor g = group.apply(gamma == null ? dy : dy.mul(gamma, Broadcast.YES));
            Tensor grouped = group.apply(u);
            // s(g) depends on x by n, and by r in front
            Tensor byN = grouped.mul(mean(g.mul(n)), Broadcast.YES).add(g.mul(mean(grouped.mul(n)), Broadcast.YES)).mul(r.mul(-1), Broadcast.YES);
            Tensor byR = n.mul(mean(grouped.mul(of(g))).mul(r), Broadcast.YES);
            byX = plus(byX, of(byN).sub(byR));
            Tensor byG = asX(of(grouped));
            byDy = plus(byDy, gamma == null ? byG : byG.mul(gamma, Broadcast.YES));
            byGamma = gamma == null ? null : Reduce.sumTo(dy.mul(byG), gamma.shape()).reshape(shape.dim(1));
        }
        if (b != null) {
            byDy = byDy == null ? Ops.apply(new BroadcastTo(shape), b) : plus(byDy, b);
        }
        return new Tensor[] {byX == null ? null : asX(byX), byDy, byGamma};
    }

    /** [C] as [1, C] or [1, C, 1, 1]. */
    private Tensor alongChannels(Tensor channels) {
        long[] dims = new long[shape.rank()];
        Arrays.fill(dims, 1);
        dims[1] = shape.dim(1);
        return channels.reshape(dims);
    }
}
