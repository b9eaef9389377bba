package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.functional.Losses;
import java.util.function.BinaryOperator;

/**
 * A loss that is a function of outputs and targets.
 *
 * @param name for messages
 * @param targets what the targets look like
 * @param function the mean loss of a batch
 */
record FunctionLoss(String name, Targets targets, BinaryOperator<Tensor> function) implements Loss {
    /** What a batch of targets looks like. */
    enum Targets {
        /** As the outputs. */
        ALIKE,
        /** Labels (int32) of rows and positions. */
        LABELS,
        /** As the outputs: the probabilities of the classes. */
        PROBABILITIES
    }

    @Override
    public Tensor apply(Tensor output, Tensor target) {
        return function.apply(output, target);
    }

    @Override
    public Spec target(Spec output) {
        return switch (targets) {
            case ALIKE, PROBABILITIES -> Spec.of(output.dtype(), output.shape());
            case LABELS -> Spec.of(DType.I32, Losses.labelShape(output.shape()));
        };
    }

    @Override
    public boolean probabilities() {
        return targets == Targets.PROBABILITIES;
    }

    @Override
    public String toString() {
        return name;
    }
}
