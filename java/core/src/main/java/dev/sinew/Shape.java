package dev.sinew;

import java.util.Arrays;

/** The sizes of a tensor's dimensions, outermost first; rank 0 is a scalar. Every size is at least 1. */
public final class Shape {
    /** The highest rank. */
    public static final int MAX_RANK = 8;
    /** The most elements a tensor may have. */
    public static final long MAX_ELEMENTS = 1L << 40;

    private static final Shape SCALAR = new Shape(new long[0], 1);

    private final long[] dims;
    private final long count;

    private Shape(long[] dims, long count) {
        this.dims = dims;
        this.count = count;
    }

    /**
     * A shape of the given sizes.
     *
     * @throws IllegalArgumentException when there are more than 8 sizes, one is below 1, or the product exceeds 2^40
     */
    public static Shape of(long... dims) {
        if (dims.length == 0) {
            return SCALAR;
        }
        if (dims.length > MAX_RANK) {
            throw new IllegalArgumentException("shape " + Arrays.toString(dims) + " has rank " + dims.length + ", the highest is " + MAX_RANK);
        }
        long count = 1;
        for (long dim : dims) {
            if (dim < 1) {
                throw new IllegalArgumentException("shape " + Arrays.toString(dims) + ": every size must be at least 1");
            }
            if (dim > MAX_ELEMENTS / count) {
                throw new IllegalArgumentException("shape " + Arrays.toString(dims) + " has more than 2^40 elements");
            }
            count *= dim;
        }
        return new Shape(dims.clone(), count);
    }

    /** The shape of a scalar: rank 0, one element. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** The number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** The size of dimension {@code d}; negative counts from the end, -1 being the last. */
    public long dim(int d) {
        return dims[index(d)];
    }

    /** {@code d} as an index from 0, for {@code d} in [-rank, rank). */
    public int index(int d) {
        int i = d < 0 ? d + dims.length : d;
        if (i < 0 || i >= dims.length) {
            throw new IllegalArgumentException("dimension " + d + " of shape " + this + " does not exist");
        }
        return i;
    }

    /** The number of elements. */
    public long count() {
        return count;
    }

    /** The sizes, a copy. */
    public long[] dims() {
        return dims.clone();
    }

    /** This shape with dimension {@code d} of size {@code size}. */
    public Shape with(int d, long size) {
        long[] changed = dims.clone();
        changed[index(d)] = size;
        return of(changed);
    }

    /** The sizes without the first dimension. */
    public Shape withoutFirst() {
        if (dims.length == 0) {
            throw new IllegalArgumentException("a scalar has no first dimension");
        }
        return of(Arrays.copyOfRange(dims, 1, dims.length));
    }

    /** This shape behind a new first dimension. */
    public Shape withFirst(long size) {
        long[] longer = new long[dims.length + 1];
        longer[0] = size;
        System.arraycopy(dims, 0, longer, 1, dims.length);
        return of(longer);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code [128, 1, 28, 28]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
