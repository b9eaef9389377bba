package dev.sinew.train;

/**
 * One epoch of a training.
 *
 * @param epoch its number, from 1
 * @param step the steps done since the beginning
 * @param trainLoss mean loss over the samples, each as it was when its batch was trained
 * @param trainAccuracy likewise; NaN where the targets are not classes
 * @param validationLoss NaN without validation data
 * @param validationAccuracy NaN without validation data
 * @param rate the learning rate of the last step
 * @param seconds wall-clock time, validation included
 */
public record EpochReport(long epoch, long step, double trainLoss, double trainAccuracy, double validationLoss,
        double validationAccuracy, double rate, double seconds) {}
