package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import java.util.Arrays;
import java.util.List;

/** What training minimises: a scalar from a batch of outputs and targets, averaged over the batch. */
public interface Loss {
    /** The loss of a batch. */
    Tensor apply(Tensor output, Tensor target);

    /** What a batch of targets looks like for a batch of outputs. */
    Spec target(Spec output);

    /** Softmax and cross-entropy with labels. */
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
     * Cross-entropy of softmax(output [N, K]) with labels [N].
     *
     * @param smoothing label smoothing, 0 to 1 (Szegedy et al. 2016)
     * @param ignoreIndex rows with this label do not count
     * @param weights one for each class; empty: all 1
     */
    record CrossEntropy(double smoothing, long ignoreIndex, List<Float> weights) implements Loss {
        /** Checks the numbers. */
        public CrossEntropy {
            weights = List.copyOf(weights);
            for (float w : weights) {
                if (!(w >= 0) || Float.isInfinite(w)) {
                    throw new IllegalArgumentException("cross_entropy: class weights must be finite and not negative, not " + weights);
                }
            }
            new dev.sinew.op.CrossEntropy(Reduction.MEAN, smoothing, ignoreIndex);
        }

        /** With label smoothing. */
        public CrossEntropy smoothing(double amount) {
            return new CrossEntropy(amount, ignoreIndex, weights);
        }

        /** With class weights. */
        public CrossEntropy weights(float... perClass) {
            Float[] boxed = new Float[perClass.length];
            Arrays.setAll(boxed, i -> perClass[i]);
            return new CrossEntropy(smoothing, ignoreIndex, List.of(boxed));
        }

        @Override
        public Tensor apply(Tensor output, Tensor target) {
            Tensor perClass = null;
            if (!weights.isEmpty()) {
                float[] values = new float[weights.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = weights.get(i);
                }
                perClass = Tensor.of(values, values.length);
            }
            return Ops.applyAll(new dev.sinew.op.CrossEntropy(Reduction.MEAN, smoothing, ignoreIndex),
                    Ops.present(output, target, perClass))[0];
        }

        @Override
        public Spec target(Spec output) {
            return Spec.of(DType.I32, Shape.of(output.shape().dim(0)));
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
