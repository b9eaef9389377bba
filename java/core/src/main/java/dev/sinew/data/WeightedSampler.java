package dev.sinew.data;

import dev.sinew.Seed;
import java.util.Arrays;
import java.util.Objects;

/** See {@link Sampler#weighted}. */
final class WeightedSampler implements Sampler {
    private final double[] sums;
    private final int draws;
    private final Seed seed;

    WeightedSampler(double[] weights, int draws, Seed seed) {
        this.draws = draws;
        this.seed = Objects.requireNonNull(seed, "seed");
        sums = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0)) {
                throw new IllegalArgumentException("weighted sampling: weight " + weights[i] + " of sample " + i + " is not from 0 on");
            }
            sum += weights[i];
            sums[i] = sum;
        }
        if (!(sum > 0) || Double.isInfinite(sum) || draws < 1) {
            throw new IllegalArgumentException("weighted sampling: needs weights with a positive finite sum and at least 1 draw, not sum "
                    + sum + " and " + draws + " draws");
        }
    }

    @Override
    public int size() {
        return draws;
    }

    @Override
    public int[] order(long epoch) {
        Seed numbers = seed.derive(epoch);
        int[] order = new int[draws];
        for (int i = 0; i < draws; i++) {
            double at = (numbers.derive(i).value() >>> 11) * 0x1p-53 * sums[sums.length - 1];
            order[i] = first(at);
        }
        return order;
    }

    /** The first sample whose sum is above: never one of weight 0. */
    private int first(double at) {
        int low = 0;
        int high = sums.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sums[middle] > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        // a product that was rounded up to the whole sum
        while (low > 0 && sums[low] == sums[low - 1]) {
            low--;
        }
        return low;
    }

    @Override
    public String toString() {
        return draws + " weighted draws of " + sums.length + " " + Integer.toHexString(Arrays.hashCode(sums));
    }
}
