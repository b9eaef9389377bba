package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.functional.Losses;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import java.util.List;

/** What training minimises: a scalar from a batch of outputs and targets, averaged over the batch. */
public interface Loss {
    /** The loss of a batch. */
    Tensor apply(Tensor output, Tensor target);

    /** What a batch of targets looks like for a batch of outputs. */
    Spec target(Spec output);

    /** Whether targets are probabilities of the classes, [N, K, ...]: labels of a data set serve for them as well. */
    default boolean probabilities() {
        return false;
    }

    /** The label of rows and positions that do not count. */
    default long ignoreIndex() {
        return Losses.IGNORED;
    }

    /**
     * Softmax and cross-entropy with labels [N]; for outputs [N, K, ...], such as those of images that are segmented, with a label
     * for each position [N, ...], which data sets give as numbers (targets of a shape).
     */
    static CrossEntropy crossEntropy() {
        return new CrossEntropy(0, -100, List.of());
    }

    /** Mean of (x - target)^2 over all elements. */
    static Loss meanSquaredError() {
        return new MeanSquaredError();
    }

    /** Sigmoid and binary cross-entropy with targets in [0, 1], mean over all elements. */
    static Loss binaryCrossEntropy() {
        return new BinaryCrossEntropy();
    }

    /** Multi-class hinge: the sum over the wrong classes of max(0, 1 + x[j] - x[label]), mean over the batch. */
    static Hinge hinge() {
        return new Hinge(1, 1, false);
    }

    /**
     * Of units that are 1 from 0 on and learn by Rosenblatt's rule (1958) with {@code Sgd.rate(1)} and a batch of 1, see
     * {@link Losses#perceptron}: the sum over the outputs, each with a target of 0 or 1, mean over the batch.
     */
    static Loss perceptron() {
        return new FunctionLoss("perceptron", FunctionLoss.Targets.ALIKE,
                (x, t) -> Losses.perceptron(x, t, Reduction.SUM).mul(1.0 / x.shape().dim(0)));
    }

    /** Of several classes, with labels, see {@link Losses#multiClassPerceptron}. */
    static Loss multiClassPerceptron() {
        return new FunctionLoss("multi_class_perceptron", FunctionLoss.Targets.LABELS, (x, t) -> Losses.multiClassPerceptron(x, t, Reduction.MEAN));
    }

    /** Mean of |x - target|. */
    static Loss l1() {
        return new FunctionLoss("l1", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.l1(x, t, Reduction.MEAN));
    }

    /** See {@link Losses#smoothL1}. */
    static Loss smoothL1(double beta) {
        return new FunctionLoss("smooth_l1", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.smoothL1(x, t, beta, Reduction.MEAN));
    }

    /** See {@link Losses#huber}. */
    static Loss huber(double delta) {
        return new FunctionLoss("huber", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.huber(x, t, delta, Reduction.MEAN));
    }

    /** Softmax and cross-entropy with probabilities of the classes, such as those of {@link dev.sinew.data.Mixed}; labels serve as well. */
    static SoftCrossEntropy softCrossEntropy() {
        return new SoftCrossEntropy(0, List.of());
    }

    /** Negative log-likelihood of outputs that are logarithms of probabilities, with labels. */
    static Loss nll() {
        return new FunctionLoss("nll", FunctionLoss.Targets.LABELS, Losses::nll);
    }

    /** See {@link Losses#focal}. */
    static Loss focal(double gamma) {
        return new FunctionLoss("focal", FunctionLoss.Targets.LABELS, (x, t) -> Losses.focal(x, t, null, gamma, Reduction.MEAN));
    }

    /** See {@link Losses#binaryFocal}. */
    static Loss binaryFocal(double alpha, double gamma) {
        return new FunctionLoss("binary_focal", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.binaryFocal(x, t, alpha, gamma, Reduction.MEAN));
    }

    /** Kullback-Leibler divergence of outputs that are logarithms, divided by N, see {@link Losses#klDivergenceBatchMean}. */
    static Loss klDivergence() {
        return new FunctionLoss("kl_divergence", FunctionLoss.Targets.PROBABILITIES, (x, t) -> Losses.klDivergenceBatchMean(x, t, false));
    }

    /** Of Poisson distributions whose logarithmic means are the outputs, see {@link Losses#poissonNll}. */
    static Loss poissonNll() {
        return new FunctionLoss("poisson_nll", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.poissonNll(x, t, true, false, 1e-8, Reduction.MEAN));
    }

    /** log(1 + exp(-t x)), targets 1 and -1. */
    static Loss softMargin() {
        return new FunctionLoss("soft_margin", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.softMargin(x, t, Reduction.MEAN));
    }

    /** See {@link Losses#multiLabelMargin}. */
    static Loss multiLabelMargin() {
        return new FunctionLoss("multi_label_margin", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.multiLabelMargin(x, t, Reduction.MEAN));
    }

    /** Soft Dice loss of the logistic function of the outputs [N, K, ...], see {@link Losses#dice}. */
    static Loss dice(double smooth) {
        return new FunctionLoss("dice", FunctionLoss.Targets.ALIKE, (x, t) -> Losses.dice(x.sigmoid(), t, smooth, Reduction.MEAN));
    }

    /**
     * Cross-entropy of softmax(output [N, K]) with labels [N], or of outputs [N, K, ...] with a label for each position, [N, ...].
     *
     * @param smoothing label smoothing, 0 to 1 (Szegedy et al. 2016)
     * @param ignoreIndex rows with this label do not count
     * @param weights one for each class; empty: all 1
     */
    record CrossEntropy(double smoothing, long ignoreIndex, List<Float> weights) implements Loss {
        /** Checks the numbers. */
        public CrossEntropy {
            weights = ClassWeights.checked("cross_entropy", weights);
            new dev.sinew.op.CrossEntropy(Reduction.MEAN, smoothing, ignoreIndex);
        }

        /** With label smoothing. */
        public CrossEntropy smoothing(double amount) {
            return new CrossEntropy(amount, ignoreIndex, weights);
        }

        /** With class weights. */
        public CrossEntropy weights(float... perClass) {
            return new CrossEntropy(smoothing, ignoreIndex, ClassWeights.of(perClass));
        }

        /** With another label of rows and positions that do not count, such as 255 for pixels that nobody has labelled. */
        public CrossEntropy ignoring(long label) {
            return new CrossEntropy(smoothing, label, weights);
        }

        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return Losses.crossEntropy(output, target, ClassWeights.tensor(weights, output.dtype()), ignoreIndex, smoothing, Reduction.MEAN);
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(DType.I32, Losses.labelShape(output.shape()));
        }
    }

    /**
     * Cross-entropy of softmax(output [N, K, ...]) with probabilities of the classes, [N, K, ...], see {@link Losses#softCrossEntropy}.
     *
     * @param smoothing label smoothing, 0 to 1: targets t count as (1 - smoothing) t + smoothing / K
     * @param weights one for each class; empty: all 1
     */
    record SoftCrossEntropy(double smoothing, List<Float> weights) implements Loss {
        /** Checks the numbers. */
        public SoftCrossEntropy {
            weights = ClassWeights.checked("soft_cross_entropy", weights);
            if (!(smoothing >= 0 && smoothing <= 1)) {
                throw new IllegalArgumentException("soft_cross_entropy: smoothing must be from 0 to 1, not " + smoothing);
            }
        }

        /** With label smoothing. */
        public SoftCrossEntropy smoothing(double amount) {
            return new SoftCrossEntropy(amount, weights);
        }

        /** With class weights. */
        public SoftCrossEntropy weights(float... perClass) {
            return new SoftCrossEntropy(smoothing, ClassWeights.of(perClass));
        }

        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return Losses.softCrossEntropy(output, target, ClassWeights.tensor(weights, output.dtype()), smoothing, Reduction.MEAN);
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(output.dtype(), output.shape());
        }

        @Override
        public boolean probabilities() {
            return true;
        }
    }

    /** See {@link #meanSquaredError}. */
    record MeanSquaredError() implements Loss {
        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return Ops.apply(new dev.sinew.op.Mse(Reduction.MEAN), output, target);
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(output.dtype(), output.shape());
        }
    }

    /** See {@link #binaryCrossEntropy}. */
    record BinaryCrossEntropy() implements Loss {
        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return Ops.apply(new dev.sinew.op.Bce(Reduction.MEAN, false, false), output, target);
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(output.dtype(), output.shape());
        }
    }

    /**
     * Multi-class hinge (Weston, Watkins 1999).
     *
     * @param p the power, 1 or 2
     * @param margin by how much the right class must win
     * @param meanOverClasses whether the sum is divided by the number of classes, as PyTorch's MultiMarginLoss does
     */
    record Hinge(int p, double margin, boolean meanOverClasses) implements Loss {
        /** Checks the numbers. */
        public Hinge {
            new dev.sinew.op.Hinge(Reduction.MEAN, p, margin, meanOverClasses);
        }

        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return Ops.apply(new dev.sinew.op.Hinge(Reduction.MEAN, p, margin, meanOverClasses), output, target);
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(DType.I32, Shape.of(output.shape().dim(0)));
        }
    }
}
