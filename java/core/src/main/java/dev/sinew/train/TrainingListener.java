package dev.sinew.train;

import dev.sinew.data.Batch;

/** Is told how a training goes, on the training's thread. */
public interface TrainingListener {
    /** Before the first step. */
    default void started(Control control) {}

    /** After every step. */
    default void step(Control control) {}

    /** After every epoch. */
    default void epoch(EpochReport report, Control control) {}

    /** After the last step, also when the training failed. */
    default void ended() {}

    /** What a listener can see and do. */
    interface Control {
        /** The steps done since the beginning. */
        long step();

        /** The current epoch, from 1. */
        long epoch();

        /** The batches done in this epoch. */
        long batch();

        /** Batches in an epoch. */
        long batchesPerEpoch();

        /** Epochs in all. */
        long epochs();

        /** The loss of the latest batch. */
        double loss();

        /** The mean loss over the samples of this epoch so far; NaN between epochs. */
        double epochLoss();

        /** The accuracy over them, each predicted before its batch was learnt from; NaN where the targets are not classes. */
        double epochAccuracy();

        /** What the latest step learnt from; the tensors are valid until the listener returns. Null before the first step. */
        Batch latest();

        /** The learning rate of the latest step. */
        double rate();

        /** The norm of the gradient in the latest update, before it was clipped; NaN unless the trainer clips by the norm. */
        double gradientNorm();

        /** Ends the training after this step or epoch. */
        void stop();
    }
}
