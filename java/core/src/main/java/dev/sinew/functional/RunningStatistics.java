package dev.sinew.functional;

import dev.sinew.Tensor;
import java.util.Objects;

/**
 * Means and variances of channels that training keeps for inference: in each step running += share (batch value - running),
 * where they are, the variance being the unbiased one.
 *
 * @param mean [C]
 * @param variance [C]
 * @param batchesOrNull a scalar of x's type that counts the batches (exactly up to 2^24 in float32): the share is 1 / count, so that
 *     the running values are the averages of all batches (PyTorch's momentum None); null: the share is the momentum
 * @param momentum the share of the new value, 0 to 1; PyTorch's default is 0.1
 */
public record RunningStatistics(Tensor mean, Tensor variance, Tensor batchesOrNull, double momentum) {
    /** Checks what can be checked without x. */
    public RunningStatistics {
        Objects.requireNonNull(mean, "mean");
        Objects.requireNonNull(variance, "variance");
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("running statistics: the momentum must be in [0, 1], not " + momentum);
        }
        if (batchesOrNull != null && (batchesOrNull.shape().rank() != 0 || !batchesOrNull.dtype().isFloat())) {
            throw new IllegalArgumentException("running statistics: the number of batches must be a floating-point scalar, not "
                    + batchesOrNull.spec());
        }
    }

    /** With a fixed share. */
    public static RunningStatistics of(Tensor mean, Tensor variance, double momentum) {
        return new RunningStatistics(mean, variance, null, momentum);
    }

    /** The averages of all batches, which are counted. */
    public static RunningStatistics average(Tensor mean, Tensor variance, Tensor batches) {
        return new RunningStatistics(mean, variance, Objects.requireNonNull(batches, "batches"), 0);
    }
}
