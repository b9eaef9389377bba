package dev.sinew.onnx;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.Arrays;

/**
 * What flows along an edge of an ONNX graph while it is traced: a tensor, symbolic or with values. A tensor with values is
 * a constant of the plan. ONNX allows sizes of 0, which tensors do not have: then there is no tensor.
 *
 * @param type the element type in ONNX
 * @param dims the sizes
 * @param tensor null when one of the sizes is 0
 */
record Value(ElementType type, long[] dims, Tensor tensor) {
    static Value of(ElementType type, Tensor tensor) {
        return new Value(type, tensor.shape().dims(), tensor);
    }

    static Value empty(ElementType type, long... dims) {
        return new Value(type, dims, null);
    }

    /** A constant of integers. */
    static Value longs(long[] values, long... dims) {
        double[] numbers = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = values[i];
        }
        return doubles(ElementType.INT64, numbers, dims);
    }

    /** A constant; one without elements where a size is 0. */
    static Value doubles(ElementType type, double[] values, long... dims) {
        if (values.length == 0) {
            return empty(type, dims);
        }
        Tensor wide = Tensor.of(values, dims);
        return of(type, type.carrier() == DType.F32 ? wide.cast(DType.F32) : wide);
    }

    boolean isEmpty() {
        return tensor == null;
    }

    /** Whether the values are there now, and not only when the plan runs. */
    boolean isKnown() {
        return tensor == null || !tensor.isSymbolic();
    }

    int rank() {
        return dims.length;
    }

    long count() {
        long count = 1;
        for (long dim : dims) {
            count *= dim;
        }
        return count;
    }

    /** The elements as integers; it must be known. */
    long[] toLongs() {
        double[] values = toDoubles();
        long[] longs = new long[values.length];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = (long) values[i];
        }
        return longs;
    }

    /** The elements; it must be known. */
    double[] toDoubles() {
        return tensor == null ? new double[0] : tensor.toDoubles();
    }

    @Override
    public String toString() {
        return type.name().toLowerCase(java.util.Locale.ROOT) + Arrays.toString(dims);
    }

    /** The tensor in the type in which the element type is computed. */
    Tensor carried() {
        return tensor == null ? null : tensor.cast(type.carrier());
    }

    /** The size of a dimension, negative counted from the end. */
    long dim(int d) {
        return dims[d < 0 ? d + dims.length : d];
    }

    Shape shape() {
        return Shape.of(dims);
    }
}
