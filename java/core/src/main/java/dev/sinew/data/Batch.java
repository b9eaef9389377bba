package dev.sinew.data;

import dev.sinew.Tensor;

/**
 * Some samples, one after the other. The tensors are views of memory that the next call of {@link Batches#next} gives back
 * to be filled again.
 *
 * @param epoch which pass over the data set, from 0
 * @param index which batch of the epoch, from 0
 * @param input float32 [samples, ...], row-major
 * @param target int32 [samples], the labels; where the data set has no classes, float32 [samples, ...]
 */
public record Batch(long epoch, long index, Tensor input, Tensor target) {
    /** The number of samples: the batch size, less at the end of an epoch. */
    public int size() {
        return (int) input.shape().dim(0);
    }
}
