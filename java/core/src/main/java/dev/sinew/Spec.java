package dev.sinew;

import java.util.Objects;

/**
 * What is known of a tensor before it has values.
 *
 * @param dtype the element type
 * @param shape the logical shape
 * @param layout how it lies in memory; {@link Layout#CHANNELS_LAST} for rank 4 only
 */
public record Spec(DType dtype, Shape shape, Layout layout) {
    /** Checks that the layout fits the rank. */
    public Spec {
        Objects.requireNonNull(dtype, "dtype");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(layout, "layout");
        if (layout == Layout.CHANNELS_LAST && shape.rank() != 4) {
            throw new IllegalArgumentException("channels-last needs rank 4, not shape " + shape);
        }
    }

    /** A row-major tensor. */
    public static Spec of(DType dtype, Shape shape) {
        return new Spec(dtype, shape, Layout.ROW_MAJOR);
    }

    /** This with another shape, row-major. */
    public Spec withShape(Shape other) {
        return new Spec(dtype, other, Layout.ROW_MAJOR);
    }

    /** This with another layout. */
    public Spec withLayout(Layout other) {
        return new Spec(dtype, shape, other);
    }

    /** The bytes its elements take. */
    public long bytes() {
        return shape.count() * dtype.bytes();
    }

    /** Whether both layouts put the elements in the same order: rank 4 with one channel or one pixel. */
    public boolean layoutIsImmaterial() {
        return shape.rank() == 4 && (shape.dim(1) == 1 || shape.dim(2) * shape.dim(3) == 1);
    }

    /** The sizes in the order of memory: N, H, W, C for channels-last. */
    public long[] physicalDims() {
        long[] d = shape.dims();
        return layout == Layout.CHANNELS_LAST ? new long[] {d[0], d[2], d[3], d[1]} : d;
    }

    /** Which place logical dimension {@code d} has in memory order. */
    public int physicalIndex(int d) {
        int i = shape.index(d);
        if (layout == Layout.ROW_MAJOR) {
            return i;
        }
        return switch (i) {
            case 0 -> 0;
            case 1 -> 3;
            case 2 -> 1;
            default -> 2;
        };
    }

    /** For each logical dimension, how many elements lie between neighbours. */
    public long[] strides() {
        long[] physical = physicalDims();
        long[] byPlace = new long[physical.length];
        long stride = 1;
        for (int i = physical.length - 1; i >= 0; i--) {
            byPlace[i] = stride;
            stride *= physical[i];
        }
        long[] strides = new long[physical.length];
        for (int d = 0; d < strides.length; d++) {
            strides[d] = byPlace[physicalIndex(d)];
        }
        return strides;
    }

    /** Written out, because the JVM takes long to link a record's own at their first use. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Spec spec && dtype == spec.dtype && layout == spec.layout && shape.equals(spec.shape);
    }

    @Override
    public int hashCode() {
        return Objects.hash(dtype, shape, layout);
    }

    /** For example {@code f32[128, 1, 28, 28]}. */
    @Override
    public String toString() {
        return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape;
    }
}
