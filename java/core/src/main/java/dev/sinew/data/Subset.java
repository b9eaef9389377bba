package dev.sinew.data;

import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Some samples of another data set: those of a list of indices, or of a range when there is no list. */
final class Subset implements Dataset {
    /** Splits draw from a stream of their own, so that they are not the order of some epoch. */
    private static final long SPLIT_STREAM = -1;

    private final Dataset whole;
    private final long from;
    private final long size;
    private final long[] indices;

    private Subset(Dataset whole, long from, long size, long[] indices) {
        this.whole = whole;
        this.from = from;
        this.size = size;
        this.indices = indices;
    }

    static Dataset of(Dataset whole, long... indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("subset: needs at least one index");
        }
        for (long index : indices) {
            if (index < 0 || index >= whole.size()) {
                throw new IllegalArgumentException("subset: there is no sample " + index + " among " + whole.size());
            }
        }
        return new Subset(whole, 0, indices.length, indices.clone());
    }

    static Dataset range(Dataset whole, long from, long to) {
        if (from < 0 || from >= to || to > whole.size()) {
            throw new IllegalArgumentException("slice: samples " + from + " up to " + to + " are not a part of " + whole.size()
                    + " samples; needs 0 <= from < to <= size");
        }
        return new Subset(whole, from, to - from, null);
    }

    static Split split(Dataset whole, double fraction, long seed) {
        long size = whole.size();
        if (size > Permutation.MAX_SIZE) {
            throw new IllegalArgumentException("split: " + size + " samples are too many to shuffle, slice them");
        }
        // written so that NaN fails
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("split: the fraction must lie between 0 and 1, not " + fraction);
        }
        int train = (int) Math.round(size * fraction);
        if (train < 1 || train >= size) {
            throw new IllegalArgumentException("split: " + fraction + " of " + size + " samples leaves one part empty");
        }
        int[] order = new int[(int) size];
        Permutation.fill(order, seed, SPLIT_STREAM);
        long[] indices = Arrays.stream(order).asLongStream().toArray();
        return new Split(new Subset(whole, 0, train, Arrays.copyOf(indices, train)),
                new Subset(whole, 0, size - train, Arrays.copyOfRange(indices, train, indices.length)));
    }

    private long index(long i) {
        Objects.checkIndex(i, size);
        return indices == null ? from + i : indices[(int) i];
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Shape inputShape() {
        return whole.inputShape();
    }

    @Override
    public int classes() {
        return whole.classes();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        whole.read(index(index), input);
    }

    @Override
    public Dataset inEpoch(long epoch) {
        Dataset now = whole.inEpoch(epoch);
        return now == whole ? this : new Subset(now, from, size, indices);
    }

    @Override
    public int label(long index) throws IOException {
        return whole.label(index(index));
    }

    @Override
    public Shape targetShape() {
        return whole.targetShape();
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        whole.readTarget(index(index), target);
    }

    @Override
    public List<String> classNames() {
        return whole.classNames();
    }

    @Override
    public String toString() {
        return size + " samples of " + whole;
    }
}
