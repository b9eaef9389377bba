package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Bce;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.CrossEntropyGradient;
import dev.sinew.op.Hinge;
import dev.sinew.op.Mse;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;

/**
 * Loss functions, with PyTorch's names, formulas and defaults. The result is a scalar, or without reduction one loss for each
 * element or row. The mean divides by their number; where classes have weights, by the sum of the weights. Losses of
 * distances and embeddings are in {@link MetricLosses}.
 */
public final class Losses {
    /** PyTorch's label of rows that do not count. */
    public static final long IGNORED = -100;

    private Losses() {}

    /** The reduction of what a composition gives for each element or row. */
    static Tensor reduce(Tensor each, Reduction reduction) {
        return switch (reduction) {
            case NONE -> each;
            case MEAN -> each.mean();
            case SUM -> each.sum();
        };
    }

    static void same(String what, Tensor x, Tensor target) {
        if (!x.shape().equals(target.shape())) {
            throw new IllegalArgumentException(what + ": the target must have the shape " + x.shape() + ", not " + target.shape());
        }
    }

    /** Losses of elements that count (mask 1) and that do not (mask 0); the mean is over those that count. */
    public static Tensor masked(Tensor each, Tensor mask, Reduction reduction) {
        same("masked", each, mask);
        Tensor counted = each.mul(mask);
        return reduction == Reduction.MEAN ? counted.sum().div(mask.sum()) : reduce(counted, reduction);
    }

    // ---- classes ----

    /** [N, K, ...] as [rows, K]: every position is a row. */
    private static Tensor rows(String what, Tensor x) {
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new IllegalArgumentException(what + ": needs [N, K] or [N, K, ...], not " + x.shape());
        }
        if (rank == 2) {
            return x;
        }
        int[] order = new int[rank];
        for (int d = 1; d < rank; d++) {
            order[d] = d == rank - 1 ? 1 : d + 1;
        }
        return x.permute(order).reshape(-1, x.shape().dim(1));
    }

    /** [N, ...]: the shape of the labels of x [N, K, ...]. */
    public static Shape labelShape(Shape x) {
        long[] dims = new long[x.rank() - 1];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = x.dim(d == 0 ? 0 : d + 1);
        }
        return Shape.of(dims);
    }

    private static Tensor flatLabels(String what, Tensor x, Tensor labels) {
        if (!labels.shape().equals(labelShape(x.shape()))) {
            throw new IllegalArgumentException(what + ": the labels of " + x.shape() + " must have shape " + labelShape(x.shape()) + ", not " + labels.shape());
        }
        return labels.shape().rank() == 1 ? labels : labels.reshape(-1);
    }

    private static Tensor unflatten(Tensor loss, Tensor labels, Reduction reduction) {
        return reduction == Reduction.NONE && labels.shape().rank() > 1 ? loss.reshape(labels.shape().dims()) : loss;
    }

    /** The mean cross-entropy of logits [N, K, ...] with labels (int32) [N, ...]; label -100 does not count. */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        return crossEntropy(logits, labels, null, IGNORED, 0, Reduction.MEAN);
    }

    /**
     * Cross-entropy of the softmax of logits, see {@link CrossEntropy}; further dimensions, such as those of an image to be
     * segmented, are rows of their own.
     *
     * @param logits [N, K] or [N, K, ...]
     * @param labels int32 [N] or [N, ...]
     * @param weightsOrNull one for each class, [K]
     * @param ignoreIndex positions with this label do not count
     * @param smoothing 0 to 1
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels, Tensor weightsOrNull, long ignoreIndex, double smoothing, Reduction reduction) {
        Tensor rows = rows("cross_entropy", logits);
        Tensor loss = Ops.applyAll(new CrossEntropy(reduction, smoothing, ignoreIndex),
                Ops.present(rows, flatLabels("cross_entropy", logits, labels), weightsOrNull))[0];
        return unflatten(loss, labels, reduction);
    }

    /**
     * Cross-entropy of the softmax of logits [N, K, ...] with the probabilities of the classes, of the same shape:
     * -sum over k of w[k] ((1 - e) target[k] + e / K) log p[k]. The mean is over N and the positions, whatever the weights.
     *
     * @param weightsOrNull w, [K]
     * @param smoothing e, 0 to 1
     */
    public static Tensor softCrossEntropy(Tensor logits, Tensor target, Tensor weightsOrNull, double smoothing, Reduction reduction) {
        same("soft_cross_entropy", logits, target);
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("soft_cross_entropy: smoothing must be from 0 to 1, not " + smoothing);
        }
        Tensor rows = rows("soft_cross_entropy", logits);
        Tensor t = rows("soft_cross_entropy", target);
        t = smoothing == 0 ? t : t.mul(1 - smoothing).add(smoothing / rows.shape().dim(1));
        t = weightsOrNull == null ? t : t.mul(weightsOrNull, Broadcast.YES);
        Tensor each = t.mul(rows.logSoftmax()).sum(1).mul(-1);
        Tensor loss = reduce(each, reduction);
        return reduction == Reduction.NONE && logits.shape().rank() > 2 ? loss.reshape(labelShape(logits.shape()).dims()) : loss;
    }

    /** The mean of -logProbabilities[label]. */
    public static Tensor nll(Tensor logProbabilities, Tensor labels) {
        return nll(logProbabilities, labels, null, IGNORED, Reduction.MEAN);
    }

    /**
     * Negative log-likelihood: -w[label] logProbabilities[label]. Infinite logarithms count as the largest number.
     *
     * @param logProbabilities [N, K] or [N, K, ...]
     * @param labels int32 [N] or [N, ...]
     * @param weightsOrNull w, [K]
     * @param ignoreIndex positions with this label do not count
     */
    public static Tensor nll(Tensor logProbabilities, Tensor labels, Tensor weightsOrNull, long ignoreIndex, Reduction reduction) {
        Tensor rows = rows("nll", logProbabilities);
        Tensor chosen = CrossEntropyGradient.chosen(rows, flatLabels("nll", logProbabilities, labels), weightsOrNull, ignoreIndex);
        Tensor each = Activations.clamp(rows, -Float.MAX_VALUE, Float.MAX_VALUE).mul(chosen).sum(1).mul(-1);
        return reduction == Reduction.MEAN ? each.sum().div(chosen.sum()) : unflatten(reduce(each, reduction), labels, reduction);
    }

    /**
     * Focal loss of classes (Lin et al. 2017, equation 5, for softmax): -w[t] (1 - p[t])^gamma log p[t]; the mean is over the
     * rows that count.
     *
     * @param logits [N, K] or [N, K, ...]
     * @param labels int32 [N] or [N, ...]; -100 does not count
     * @param weightsOrNull w, [K]
     * @param gamma at least 0; the paper's is 2
     */
    public static Tensor focal(Tensor logits, Tensor labels, Tensor weightsOrNull, double gamma, Reduction reduction) {
        gamma("focal", gamma);
        Tensor rows = rows("focal", logits).logSoftmax();
        Tensor flat = flatLabels("focal", logits, labels);
        Tensor plain = CrossEntropyGradient.chosen(rows, flat, null, IGNORED);
        Tensor weighted = weightsOrNull == null ? plain : CrossEntropyGradient.chosen(rows, flat, weightsOrNull, IGNORED);
        Tensor others = Activations.clamp(rows.exp().mul(-1).add(1), Float.MIN_NORMAL, 2);
        Tensor each = Activations.clamp(rows, -Float.MAX_VALUE, 1).mul(others.log().mul(gamma).exp()).mul(weighted).sum(1).mul(-1);
        return reduction == Reduction.MEAN ? each.sum().div(plain.sum()) : unflatten(reduce(each, reduction), labels, reduction);
    }

    private static void gamma(String what, double gamma) {
        if (!(gamma >= 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException(what + ": gamma must be finite and at least 0, not " + gamma);
        }
    }

    /** Multi-class hinge, the sum over the wrong classes of max(0, 1 + x[j] - x[label]), mean over the rows (Weston, Watkins 1999). */
    public static Tensor hinge(Tensor x, Tensor labels) {
        return Ops.apply(new Hinge(Reduction.MEAN, 1, 1, false), x, labels);
    }

    /** PyTorch's multi-class hinge: the sum of max(0, margin + x[j] - x[label])^p over the wrong classes, over the number of classes. */
    public static Tensor multiMargin(Tensor x, Tensor labels, Tensor weightsOrNull, int p, double margin, Reduction reduction) {
        return Ops.apply(new Hinge(reduction, p, margin, true), Ops.present(x, labels, weightsOrNull));
    }

    /**
     * The sum over pairs of a class that is meant and one that is not of max(0, 1 - (x[meant] - x[other])), over the number of
     * classes.
     *
     * @param x [N, K]
     * @param target 1 for the classes that are meant, else 0, [N, K]
     */
    public static Tensor multiLabelMargin(Tensor x, Tensor target, Reduction reduction) {
        same("multi_label_margin", x, target);
        if (x.shape().rank() != 2) {
            throw new IllegalArgumentException("multi_label_margin: needs [N, K], not " + x.shape());
        }
        long n = x.shape().dim(0);
        long k = x.shape().dim(1);
        Tensor violation = x.reshape(n, 1, k).sub(x.reshape(n, k, 1), Broadcast.YES).add(1).relu();
        Tensor pairs = target.reshape(n, k, 1).mul(target.mul(-1).add(1).reshape(n, 1, k), Broadcast.YES);
        return reduce(violation.mul(pairs).sum(1, 2).mul(1.0 / k), reduction);
    }

    /** Binary cross-entropy of the logits of K classes, [N, K], averaged over the classes; weights [K] or null. */
    public static Tensor multiLabelSoftMargin(Tensor x, Tensor target, Tensor weightsOrNull, Reduction reduction) {
        Tensor each = bceWithLogits(x, target, null, null, Reduction.NONE);
        each = weightsOrNull == null ? each : each.mul(weightsOrNull, Broadcast.YES);
        return reduce(each.mean(-1), reduction);
    }

    /**
     * What Rosenblatt's perceptrons (1958) learn by: (step(x) - target) x, step being 1 from 0 on; the gradient of an element is
     * -1 where it should be 1 and is not, 1 where it should be 0 and is not, else 0. With {@link Reduction#SUM}, a batch of one
     * and the rate 1 gradient descent is the perceptron's rule w += (target - step(w x + b)) x, b += target - step(w x + b).
     *
     * @param x what the step is taken of, the weighted sums
     * @param target 0 or 1, of x's shape
     */
    public static Tensor perceptron(Tensor x, Tensor target, Reduction reduction) {
        same("perceptron", x, target);
        return reduce(Activations.step(x).sub(target).mul(x), reduction);
    }

    /**
     * The perceptron of several classes (Duda, Hart 1973, section 5.12): the highest of a row's values less that of its label. The
     * gradient of a row is 0 where the label's is the highest (the first of equals), else 1 for the highest and -1 for the label:
     * weights of the class that was taken lose x, those of the right one gain it.
     *
     * @param x [N, K]
     * @param labels int32 [N]
     */
    public static Tensor multiClassPerceptron(Tensor x, Tensor labels, Reduction reduction) {
        if (x.shape().rank() != 2) {
            throw new IllegalArgumentException("multi_class_perceptron: needs [N, K], not " + x.shape());
        }
        Tensor right = CrossEntropyGradient.chosen(x, flatLabels("multi_class_perceptron", x, labels), null, Long.MIN_VALUE);
        Tensor highest = CrossEntropyGradient.chosen(x, x.argmax(1), null, Long.MIN_VALUE);
        return reduce(highest.sub(right).mul(x).sum(1), reduction);
    }

    // ---- elements ----

    /** (x - target)^2. */
    public static Tensor mse(Tensor x, Tensor target, Reduction reduction) {
        return Ops.apply(new Mse(reduction), x, target);
    }

    /** |x - target|. */
    public static Tensor l1(Tensor x, Tensor target, Reduction reduction) {
        same("l1", x, target);
        return reduce(x.sub(target).abs(), reduction);
    }

    /** With d = |x - target|: d^2 / (2 beta) below beta, d - beta / 2 above (Girshick 2015); beta 0 is {@link #l1}. */
    public static Tensor smoothL1(Tensor x, Tensor target, double beta, Reduction reduction) {
        if (!(beta >= 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException("smooth_l1: beta must be finite and at least 0, not " + beta);
        }
        return beta == 0 ? l1(x, target, reduction) : reduce(huber("smooth_l1", x, target, beta).mul(1 / beta), reduction);
    }

    /** With d = |x - target|: d^2 / 2 below delta, delta (d - delta / 2) above (Huber 1964); delta above 0. */
    public static Tensor huber(Tensor x, Tensor target, double delta, Reduction reduction) {
        if (!(delta > 0) || Double.isInfinite(delta)) {
            throw new IllegalArgumentException("huber: delta must be positive and finite, not " + delta);
        }
        return reduce(huber("huber", x, target, delta), reduction);
    }

    /** c (d - c / 2) with c = min(d, delta). */
    private static Tensor huber(String what, Tensor x, Tensor target, double delta) {
        same(what, x, target);
        Tensor distance = x.sub(target).abs();
        Tensor near = Activations.clamp(distance, 0, delta);
        return near.mul(distance.sub(near.mul(0.5)));
    }

    /** Binary cross-entropy of probabilities, -w (t log x + (1 - t) log(1 - x)), logarithms at least -100; weight of x's shape or null. */
    public static Tensor bce(Tensor x, Tensor target, Tensor weightOrNull, Reduction reduction) {
        same("bce", x, target);
        Tensor yes = Activations.clamp(x.log(), -100, 1).mul(target);
        Tensor no = Activations.clamp(x.mul(-1).add(1).log(), -100, 1).mul(target.mul(-1).add(1));
        Tensor each = yes.add(no).mul(-1);
        return reduce(weightOrNull == null ? each : each.mul(weightOrNull, Broadcast.YES), reduction);
    }

    /**
     * Binary cross-entropy of logits, see {@link Bce}.
     *
     * @param weightOrNull of x's shape
     * @param posWeightOrNull of the size of the last dimension
     */
    public static Tensor bceWithLogits(Tensor x, Tensor target, Tensor weightOrNull, Tensor posWeightOrNull, Reduction reduction) {
        return Ops.apply(new Bce(reduction, weightOrNull != null, posWeightOrNull != null), Ops.present(x, target, weightOrNull, posWeightOrNull));
    }

    /**
     * Focal loss of logits (Lin et al. 2017, equation 5): -a (1 - p)^gamma log p, p being the probability of the target.
     *
     * @param target 0 or 1, of x's shape
     * @param alpha a of target 1, 1 - alpha that of target 0; below 0: both 1. The paper's is 0.25
     * @param gamma at least 0; the paper's is 2
     */
    public static Tensor binaryFocal(Tensor x, Tensor target, double alpha, double gamma, Reduction reduction) {
        same("binary_focal", x, target);
        gamma("binary_focal", gamma);
        if (!(alpha <= 1)) {
            throw new IllegalArgumentException("binary_focal: alpha must be at most 1, not " + alpha);
        }
        Tensor z = x.mul(target.mul(2).add(-1));
        Tensor each = Activations.logSigmoid(z.mul(-1)).mul(gamma).exp().mul(Activations.logSigmoid(z)).mul(-1);
        return reduce(alpha < 0 ? each : each.mul(target.mul(2 * alpha - 1).add(1 - alpha)), reduction);
    }

    /** log(1 + exp(-target x)), target 1 or -1. */
    public static Tensor softMargin(Tensor x, Tensor target, Reduction reduction) {
        same("soft_margin", x, target);
        return reduce(Activations.logSigmoid(x.mul(target)).mul(-1), reduction);
    }

    // ---- distributions ----

    /** target (log target - x), x being logarithms; with {@code logTarget} the target is given as logarithms too. 0 log 0 is 0. */
    public static Tensor klDivergence(Tensor x, Tensor target, boolean logTarget, Reduction reduction) {
        same("kl_divergence", x, target);
        if (logTarget) {
            return reduce(target.exp().mul(target.sub(x)), reduction);
        }
        return reduce(target.mul(logOfAtLeastTiny(target).sub(x)), reduction);
    }

    private static Tensor logOfAtLeastTiny(Tensor t) {
        return Activations.clamp(t, t.dtype() == DType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL, Float.MAX_VALUE).log();
    }

    /** {@link #klDivergence} summed up and divided by N, the mean that the definition means. */
    public static Tensor klDivergenceBatchMean(Tensor x, Tensor target, boolean logTarget) {
        return klDivergence(x, target, logTarget, Reduction.SUM).mul(1.0 / x.shape().dim(0));
    }

    /**
     * Of a Poisson distribution with the mean exp(x): exp(x) - target x; without {@code logInput} with the mean x: x - target
     * log(x + eps). {@code full} adds Stirling's t log t - t + log(2 pi t) / 2 for targets t above 1.
     */
    public static Tensor poissonNll(Tensor x, Tensor target, boolean logInput, boolean full, double eps, Reduction reduction) {
        same("poisson_nll", x, target);
        Tensor each = logInput ? x.exp().sub(target.mul(x)) : x.sub(target.mul(x.add(eps).log()));
        if (full) {
            Tensor above = Activations.step(target.add(-1), 0);
            Tensor t = Activations.clamp(target, 1, Float.MAX_VALUE);
            Tensor stirling = t.mul(t.log()).sub(t).add(t.mul(2 * Math.PI).log().mul(0.5));
            each = each.add(stirling.mul(above));
        }
        return reduce(each, reduction);
    }

    /**
     * Of a normal distribution with mean x and the given variance: (log v + (x - target)^2 / v) / 2, v being the variance but at
     * least eps; {@code full} adds log(2 pi) / 2.
     *
     * @param variance of x's shape, or one that broadcasts to it
     */
    public static Tensor gaussianNll(Tensor x, Tensor target, Tensor variance, boolean full, double eps, Reduction reduction) {
        same("gaussian_nll", x, target);
        Tensor v = Activations.clamp(variance, eps, Float.MAX_VALUE);
        Tensor each = x.sub(target).square().div(v, Broadcast.YES).add(v.log(), Broadcast.YES).mul(0.5);
        return reduce(full ? each.add(0.5 * Math.log(2 * Math.PI)) : each, reduction);
    }

    // ---- overlap ----

    /**
     * Soft Dice loss (Milletari et al. 2016, with plain sums): 1 - (2 I + smooth) / (A + B + smooth) for each class, I, A and B being the
     * sums over N and the positions of probabilities times targets, probabilities, and targets. Without reduction [K].
     *
     * @param probabilities [N, K, ...]
     * @param target likewise, 0 to 1
     */
    public static Tensor dice(Tensor probabilities, Tensor target, double smooth, Reduction reduction) {
        Tensor[] sums = overlap("dice", probabilities, target);
        Tensor ratio = sums[0].mul(2).add(smooth).div(sums[1].add(sums[2]).add(smooth));
        return reduce(ratio.mul(-1).add(1), reduction);
    }

    /** Soft Jaccard (intersection over union) loss: 1 - (I + smooth) / (A + B - I + smooth), otherwise as {@link #dice}. */
    public static Tensor jaccard(Tensor probabilities, Tensor target, double smooth, Reduction reduction) {
        Tensor[] sums = overlap("jaccard", probabilities, target);
        Tensor ratio = sums[0].add(smooth).div(sums[1].add(sums[2]).sub(sums[0]).add(smooth));
        return reduce(ratio.mul(-1).add(1), reduction);
    }

    private static Tensor[] overlap(String what, Tensor probabilities, Tensor target) {
        same(what, probabilities, target);
        Tensor p = rows(what, probabilities);
        Tensor t = rows(what, target);
        return new Tensor[] {p.mul(t).sum(0), p.sum(0), t.sum(0)};
    }
}
