package dev.sinew.data;

import dev.sinew.Seed;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Which samples an epoch consists of, in which order. It depends on the epoch alone: {@link Batches} may ask for an epoch
 * before the one before it has ended, more than once, and from several threads.
 */
public interface Sampler {
    /** The number of samples of an epoch, at least 1. */
    int size();

    /** The indices of an epoch's samples, {@link #size} of them; the caller does not change them. */
    int[] order(long epoch);

    /** Every sample once, in another order in every epoch. */
    static Sampler shuffled(int size, long seed) {
        return new Sampler() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public int[] order(long epoch) {
                int[] order = new int[size];
                Permutation.fill(order, seed, epoch);
                return order;
            }

            @Override
            public String toString() {
                return "shuffled";
            }
        };
    }

    /**
     * Samples drawn with replacement, each with a probability proportional to its weight.
     *
     * @param weights one for each sample, finite and not negative, not all 0
     * @param draws samples in an epoch
     */
    static Sampler weighted(double[] weights, int draws, Seed seed) {
        return new WeightedSampler(weights, draws, seed);
    }

    /** As many draws as there are samples, every class with the same probability, within it every sample. */
    static Sampler balanced(Dataset data, Seed seed) throws IOException {
        int[] labels = Splits.labels("balanced sampling", data);
        int[] counts = new int[data.classes()];
        for (int label : labels) {
            counts[label]++;
        }
        double[] weights = Arrays.stream(labels).mapToDouble(label -> 1.0 / counts[label]).toArray();
        return weighted(weights, labels.length, seed);
    }

    /**
     * The samples with the highest losses alone, each once, in another order in every epoch: hard example mining. NaN counts
     * as the highest of all; of equal losses the first samples are taken.
     *
     * @param losses one for each sample, such as {@link dev.sinew.train.SampleLosses} measures after some epochs
     * @param share of the samples that is kept, above 0 up to 1; at least one sample is
     */
    static Sampler hardest(double[] losses, double share, Seed seed) {
        Objects.requireNonNull(seed, "seed");
        if (!(share > 0 && share <= 1) || losses.length == 0) {
            throw new IllegalArgumentException("hardest: the share must be above 0 and at most 1, of some losses, not " + share + " of "
                    + losses.length);
        }
        Integer[] sorted = new Integer[losses.length];
        Arrays.setAll(sorted, i -> i);
        // Double.compare puts NaN above infinity, and the sort is stable
        Arrays.sort(sorted, (a, b) -> Double.compare(losses[b], losses[a]));
        int[] kept = new int[Math.max(1, (int) Math.round(losses.length * share))];
        Arrays.setAll(kept, i -> sorted[i]);
        Sampler within = shuffled(kept.length, seed.value());
        return new Sampler() {
            @Override
            public int size() {
                return kept.length;
            }

            @Override
            public int[] order(long epoch) {
                int[] order = within.order(epoch);
                Arrays.setAll(order, i -> kept[order[i]]);
                return order;
            }

            @Override
            public String toString() {
                return "the hardest " + kept.length + " of " + losses.length;
            }
        };
    }
}
