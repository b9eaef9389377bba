package dev.sinew.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A sparse matrix for {@link Resample}: for each place of the result, the places of the input that count and their
 * weights. Immutable.
 */
public final class Taps {
    /** What counts for one place of the result. */
    public record Tap(long place, double weight) {}

    private static final int MOST = 1 << 28;

    private final long size;
    private final long[] offset;
    private final long[] index;
    private final double[] weight;

    private Taps(long size, long[] offset, long[] index, double[] weight) {
        this.size = size;
        this.offset = offset;
        this.index = index;
        this.weight = weight;
    }

    /**
     * A matrix row by row.
     *
     * @param size places of the input, at least 1
     * @param outputs places of the result, 1 to 2^28
     * @param row what counts for place o; a place may occur twice, none gives 0
     * @throws IllegalArgumentException when a size is out of range, a place does not exist, or a weight is not finite
     */
    public static Taps of(long size, long outputs, IntFunction<Tap[]> row) {
        if (size < 1 || outputs < 1 || outputs > MOST) {
            throw new IllegalArgumentException("taps: from " + size + " to " + outputs + " places: both must be at least 1, the second at most 2^28");
        }
        long[] offset = new long[(int) outputs + 1];
        long[] index = new long[(int) outputs];
        double[] weight = new double[(int) outputs];
        int terms = 0;
        for (int o = 0; o < outputs; o++) {
            for (Tap tap : row.apply(o)) {
                if (tap.place < 0 || tap.place >= size || !Double.isFinite(tap.weight)) {
                    throw new IllegalArgumentException("taps: place " + tap.place + " of " + size + " with weight " + tap.weight
                            + " for result " + o + ": there must be such a place, and the weight be finite");
                }
                if (terms == index.length) {
                    index = Arrays.copyOf(index, 2 * terms);
                    weight = Arrays.copyOf(weight, 2 * terms);
                }
                index[terms] = tap.place;
                weight[terms++] = tap.weight;
            }
            offset[o + 1] = terms;
        }
        return new Taps(size, offset, Arrays.copyOf(index, terms), Arrays.copyOf(weight, terms));
    }

    /** A matrix that takes one element, or 0 where the place is negative, for each result. */
    public static Taps take(long size, long... places) {
        return of(size, places.length, o -> places[o] < 0 ? new Tap[0] : new Tap[] {new Tap(places[o], 1)});
    }

    /** The other way round: rows and columns exchanged. */
    public Taps transposed() {
        if (size > MOST) {
            throw new IllegalArgumentException("taps: the gradient for " + size + " places: 2^28 is the most");
        }
        long[] start = new long[(int) size + 1];
        for (long i : index) {
            start[(int) i + 1]++;
        }
        for (int i = 0; i < size; i++) {
            start[i + 1] += start[i];
        }
        long[] next = start.clone();
        long[] from = new long[index.length];
        double[] weights = new double[index.length];
        for (int o = 0; o + 1 < offset.length; o++) {
            for (int t = (int) offset[o]; t < offset[o + 1]; t++) {
                int at = (int) next[(int) index[t]]++;
                from[at] = o;
                weights[at] = weight[t];
            }
        }
        return new Taps(offset.length - 1, start, from, weights);
    }

    /** Places of the input. */
    public long size() {
        return size;
    }

    /** Places of the result. */
    public long outputs() {
        return offset.length - 1;
    }

    /** The number of weights. */
    public long terms() {
        return index.length;
    }

    /** What counts for place {@code o} of the result. */
    public List<Tap> row(int o) {
        List<Tap> row = new ArrayList<>();
        for (int k = (int) offset[o]; k < offset[o + 1]; k++) {
            row.add(new Tap(index[k], weight[k]));
        }
        return row;
    }

    long[] offset() {
        return offset;
    }

    long[] index() {
        return index;
    }

    double[] weight() {
        return weight;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Taps taps && size == taps.size && Arrays.equals(offset, taps.offset) && Arrays.equals(index, taps.index)
                && Arrays.equals(weight, taps.weight);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new int[] {Long.hashCode(size), Arrays.hashCode(offset), Arrays.hashCode(index), Arrays.hashCode(weight)});
    }

    /** The sizes, such as {@code 7 to 14, 26 terms}. */
    @Override
    public String toString() {
        return size + " to " + outputs() + ", " + index.length + " terms";
    }
}
