package dev.sinew.data;

/**
 * Random orders that depend on a seed and a stream number alone. The generator is written out here, so that no release of
 * Java can change it: SplitMix64 (Steele, Lea, Flood 2014) with Lemire's unbiased bounded numbers (2019), and the
 * shuffle of Fisher and Yates.
 */
final class Permutation {
    /** The longest order, that of a Java array. */
    static final int MAX_SIZE = Integer.MAX_VALUE - 8;

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Permutation() {}

    /** Fills {@code order} with 0 to its length in the order of that seed and stream. */
    static void fill(int[] order, long seed, long stream) {
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        // both words are mixed before they meet: seed 1 in stream 0 is not seed 0 in stream 1
        long state = mix(seed) + mix(mix(stream + GOLDEN_GAMMA));
        for (int i = order.length - 1; i > 0; i--) {
            long bound = i + 1L;
            long low;
            long high;
            do {
                state += GOLDEN_GAMMA;
                long word = mix(state);
                low = word * bound;
                high = Math.unsignedMultiplyHigh(word, bound);
            } while (Long.compareUnsigned(low, bound) < 0 && Long.compareUnsigned(low, Long.remainderUnsigned(-bound, bound)) < 0);
            int j = (int) high;
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
