package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Binary;
import dev.sinew.op.IndexSelect;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Functions that several operators are made of; all of them apply to symbols and to values. */
final class Compose {
    /** From here on every float32 is an integer, and no int32 holds it. */
    private static final double BEYOND_INT = 1L << 31;

    private static final int MOST_SLICES = 16;

    private Compose() {}

    static Tensor binary(Binary.Kind kind, Tensor a, Tensor b) {
        return Ops.apply(new Binary(kind, Broadcast.YES), a, b);
    }

    static Tensor unary(Unary.Kind kind, Tensor x) {
        return Ops.apply(Unary.of(kind), x);
    }

    /** A scalar of the type of x. */
    static Tensor like(Tensor x, double value) {
        return Tensor.full(x.dtype(), Shape.scalar(), value);
    }

    static Tensor max(Tensor x, double value) {
        return binary(Binary.Kind.MAXIMUM, x, like(x, value));
    }

    static Tensor min(Tensor x, double value) {
        return binary(Binary.Kind.MINIMUM, x, like(x, value));
    }

    static Tensor greater(Tensor a, Tensor b) {
        return binary(Binary.Kind.GREATER, a, b);
    }

    static Tensor equal(Tensor a, Tensor b) {
        return binary(Binary.Kind.EQUAL, a, b);
    }

    /** 1 - x. */
    static Tensor not(Tensor x) {
        return Ops.apply(new Unary(Unary.Kind.AFFINE, -1, 1), x);
    }

    /** x where the condition (0 or 1, of the same type) is 1, y where it is 0. */
    static Tensor where(Tensor condition, Tensor x, Tensor y) {
        Tensor side = Ops.apply(new Unary(Unary.Kind.AFFINE, 2, -1), condition).mul(Double.MAX_VALUE).mul(2);
        Tensor chosen = binary(Binary.Kind.MINIMUM, x, side);
        Tensor other = binary(Binary.Kind.MINIMUM, y, side.mul(-1));
        return binary(Binary.Kind.MAXIMUM, chosen, other);
    }

    /** Rounded toward zero. */
    static Tensor trunc(Tensor x) {
        Tensor small = greater(like(x, BEYOND_INT), x.abs());
        return where(small, x.cast(DType.I32).cast(x.dtype()), x);
    }

    static Tensor floor(Tensor x) {
        Tensor whole = trunc(x);
        return whole.sub(greater(whole, x));
    }

    static Tensor ceil(Tensor x) {
        return floor(x.neg()).neg();
    }

    /** To the nearest integer, ties to the even one. */
    static Tensor round(Tensor x) {
        Tensor below = floor(x);
        Tensor fraction = x.sub(below);
        Tensor odd = below.sub(floor(below.mul(0.5)).mul(2));
        Tensor half = like(x, 0.5);
        Tensor up = binary(Binary.Kind.ADD, greater(fraction, half), equal(fraction, half).mul(odd));
        return below.add(up);
    }

    /** An integer in the range of its type, modulo its size, as integer arithmetic of that width would give it. */
    static Tensor wrap(ElementType type, Tensor x) {
        int bits = type.bytes() * 8;
        if (!type.isInteger() || bits > 16) {
            return x;
        }
        double size = 1L << bits;
        double low = type.isUnsigned() ? 0 : -size / 2;
        Tensor periods = floor(x.sub(low).mul(1 / size));
        return x.sub(periods.mul(size));
    }

    /** The tensor with a dimension of size 1 for each missing one in front. */
    static Tensor atRank(Tensor x, int rank) {
        long[] dims = x.shape().dims();
        long[] longer = new long[rank];
        Arrays.fill(longer, 1);
        System.arraycopy(dims, 0, longer, rank - dims.length, dims.length);
        return dims.length == rank ? x : x.reshape(longer);
    }

    /** 0, 1, ... along the last of {@code rank} dimensions, or another one; the others have size 1. */
    static Tensor iota(DType dtype, long size, int dim, int rank) {
        double[] numbers = new double[Math.toIntExact(size)];
        Arrays.setAll(numbers, i -> i);
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        dims[dim] = size;
        return Tensor.of(numbers, dims).cast(dtype);
    }

    /** The dimensions in an order that has one of them last. */
    static int[] lastOrder(int dim, int rank) {
        int[] order = new int[rank];
        int at = 0;
        for (int d = 0; d < rank; d++) {
            if (d != dim) {
                order[at++] = d;
            }
        }
        order[rank - 1] = dim;
        return order;
    }

    /** The order that undoes an order. */
    static int[] inverse(int... order) {
        int[] back = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            back[order[i]] = i;
        }
        return back;
    }

    static Tensor permute(Tensor x, int... order) {
        for (int i = 0; i < order.length; i++) {
            if (order[i] != i) {
                return x.permute(order);
            }
        }
        return x;
    }

    /** A function over the last dimension, applied to another one. */
    static Tensor overDim(Tensor x, int dim, UnaryOperator<Tensor> function) {
        int[] order = lastOrder(dim, x.shape().rank());
        return permute(function.apply(permute(x, order)), inverse(order));
    }

    /** Elements of a dimension in the given order, repeated where the list does: slices, joined, where they are few. */
    static Tensor select(Tensor x, int dim, long... indices) {
        int runs = 1;
        for (int i = 1; i < indices.length; i++) {
            runs += indices[i] == indices[i - 1] + 1 ? 0 : 1;
        }
        if (runs > MOST_SLICES) {
            int[] places = Arrays.stream(indices).mapToInt(Math::toIntExact).toArray();
            return Ops.apply(new IndexSelect(dim), x, Tensor.of(places, places.length));
        }
        List<Tensor> parts = new ArrayList<>();
        int from = 0;
        while (from < indices.length) {
            int to = from + 1;
            while (to < indices.length && indices[to] == indices[to - 1] + 1) {
                to++;
            }
            parts.add(x.slice(dim, indices[from], to - from));
            from = to;
        }
        return parts.size() == 1 ? parts.getFirst() : Tensor.concat(dim, parts.toArray(Tensor[]::new));
    }

    /** A dimension from its end to its beginning. */
    static Tensor reverse(Tensor x, int dim) {
        long size = x.shape().dim(dim);
        long[] indices = new long[Math.toIntExact(size)];
        Arrays.setAll(indices, i -> size - 1 - i);
        return select(x, dim, indices);
    }

    /** The product over the last dimension, which vanishes. */
    static Tensor product(Tensor x) {
        Tensor rest = x;
        int last = x.shape().rank() - 1;
        while (rest.shape().dim(-1) > 1) {
            long size = rest.shape().dim(-1);
            Tensor half = rest.slice(last, 0, size / 2).mul(rest.slice(last, size / 2, size / 2));
            rest = size % 2 == 0 ? half : Tensor.concat(last, half, rest.slice(last, size - 1, 1));
        }
        return rest.reshape(Arrays.copyOf(x.shape().dims(), last));
    }
}
