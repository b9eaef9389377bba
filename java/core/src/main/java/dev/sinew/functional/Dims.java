package dev.sinew.functional;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** What several families do with dimensions. */
final class Dims {
    private Dims() {}

    /** A dimension that may count from the end, as an index from 0. */
    static int index(String what, Shape shape, int dim) {
        int rank = shape.rank();
        if (dim < -rank || dim >= rank) {
            throw new IllegalArgumentException(what + ": dimension " + dim + " does not exist in shape " + shape);
        }
        return dim < 0 ? dim + rank : dim;
    }

    /** [size, 1, ..., 1], which broadcasts along dimension 1 of a shape [N, C, ...]. */
    static long[] alongChannels(Shape shape, long size) {
        long[] dims = new long[Math.max(1, shape.rank() - 1)];
        Arrays.fill(dims, 1);
        dims[0] = size;
        return dims;
    }

    /** The shape with dimension d as [size / pieces, pieces]. */
    static long[] split(Shape shape, int d, long pieces) {
        long[] from = shape.dims();
        long[] dims = new long[from.length + 1];
        System.arraycopy(from, 0, dims, 0, d + 1);
        System.arraycopy(from, d, dims, d + 1, from.length - d);
        dims[d] = from[d] / pieces;
        dims[d + 1] = pieces;
        return dims;
    }

    /** A function of the last dimension, applied along another one. */
    static Tensor last(Tensor x, int dim, UnaryOperator<Tensor> function) {
        int rank = x.shape().rank();
        int d = index("softmax", x.shape(), dim);
        if (d == rank - 1) {
            return function.apply(x);
        }
        int[] there = new int[rank];
        int[] back = new int[rank];
        for (int i = 0; i < rank; i++) {
            there[i] = i < d ? i : i < rank - 1 ? i + 1 : d;
            back[there[i]] = i;
        }
        return function.apply(x.permute(there)).permute(back);
    }
}
