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
 * @param waited seconds of it in which the training had nothing to do because no batch was ready: more threads for the data
 *     ({@link Trainer#workers}), or data that are cached, make it faster
 */
public record EpochReport(long epoch, long step, double trainLoss, double trainAccuracy, double validationLoss,
        double validationAccuracy, double rate, double seconds, double waited) {}
