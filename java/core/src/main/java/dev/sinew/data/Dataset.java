package dev.sinew.data;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Transform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples that can be read in any order, each with a label, or with numbers to predict.
 *
 * <p>One of your own takes four methods:
 *
 * {@snippet :
 * record Parity(int bits) implements Dataset {
 *     public long size() { return 1L << bits; }
 *     public Shape inputShape() { return Shape.of(bits); }
 *     public int classes() { return 2; }
 *     public void read(long index, FloatBuffer input) {
 *         for (int bit = 0; bit < bits; bit++) {
 *             input.put(index >> bit & 1);
 *         }
 *     }
 *     public int label(long index) { return Long.bitCount(index) % 2; }
 * }
 * }
 *
 * <p>{@link Batches} reads on threads of its own: the methods must not depend on the thread that calls them, and must be
 * safe to call from several at once where {@link Batches.Setup#workers} says so or several {@code Batches} read it. Size and
 * shapes never change.
 */
public interface Dataset {
    /** The number of samples, at least 1. */
    long size();

    /** The shape of one sample, such as [1, 28, 28]: of rank 7 at most. */
    Shape inputShape();

    /** The number of classes; 0 when the targets are numbers to predict instead, see {@link #targetShape}. */
    int classes();

    /**
     * Writes a sample into a buffer of exactly its size, in row-major order (C, H, W), with the buffer's relative
     * {@code put} methods: whoever reads checks that it is full afterwards.
     *
     * @param index from 0 up to size, exclusive
     */
    void read(long index, FloatBuffer input) throws IOException;

    /** The class of a sample, from 0 up to {@link #classes}, exclusive. Not called when there are no classes. */
    default int label(long index) throws IOException {
        throw new UnsupportedOperationException("this data set has no labels");
    }

    /** The shape of one sample's target when there are no classes; a scalar unless overridden. */
    default Shape targetShape() {
        return Shape.scalar();
    }

    /** Writes a sample's target as {@link #read} writes its input. Only called when there are no classes. */
    default void readTarget(long index, FloatBuffer target) throws IOException {
        throw new UnsupportedOperationException("this data set has no targets but its labels");
    }

    /** The names of the classes, in their order; empty when they have none. */
    default List<String> classNames() {
        return List.of();
    }

    /** The name of a class, its number when it has none. */
    default String className(int label) {
        List<String> names = classNames();
        return label >= 0 && label < names.size() ? names.get(label) : Integer.toString(label);
    }

    /**
     * The samples as they are in that epoch (from 0): this data set, unless they differ from epoch to epoch, as those of
     * {@link Transformed} do. The result has the same size, shapes and classes. {@link Batches} asks for each batch.
     */
    default Dataset inEpoch(long epoch) {
        return this;
    }

    /** The samples after some changes, see {@link Transformed}. */
    default Transformed transformed(Seed seed, Transform... transforms) {
        return Transformed.of(this, seed, transforms);
    }

    /**
     * The same samples, kept in the Java heap once they have been read. Random changes come after it, not before: what is kept
     * is not read again in another epoch.
     */
    default Dataset cached() {
        return new Cached(this);
    }

    /** These samples and then those of others with the same shapes and classes. */
    default Dataset concat(Dataset... others) {
        List<Dataset> all = new ArrayList<>(List.of(this));
        all.addAll(List.of(others));
        return new Concatenated(all);
    }

    /** The same samples with targets of as many numbers as there are classes, 1 at the label and 0 elsewhere. */
    default Dataset oneHot() {
        return new OneHot(this);
    }

    /** A sample as an array, for looking at it. */
    default float[] input(long index) {
        FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact(inputShape().count()));
        try {
            read(index, buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return buffer.array();
    }

    /**
     * The samples of the given indices, in that order; an index may come more than once.
     *
     * @throws IllegalArgumentException when there is none, or one does not exist
     */
    default Dataset subset(long... indices) {
        return Subset.of(this, indices);
    }

    /** Samples {@code from} up to {@code to}, exclusive. */
    default Dataset slice(long from, long to) {
        return Subset.range(this, from, to);
    }

    /** The first {@code n} samples; all when there are fewer. */
    default Dataset head(long n) {
        return slice(0, Math.min(n, size()));
    }

    /**
     * Deals the samples out at random into a training and a test part; the same seed always gives the same parts.
     *
     * @param fraction the share of the training part, between 0 and 1; neither part may come out empty
     */
    default Split split(double fraction, long seed) {
        return Subset.split(this, fraction, seed);
    }
}
