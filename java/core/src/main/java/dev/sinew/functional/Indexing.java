package dev.sinew.functional;

import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.op.Gather;
import dev.sinew.op.IndexAdd;
import dev.sinew.op.IndexSelect;
import dev.sinew.op.Ops;
import dev.sinew.op.ScatterAdd;

/** Choosing and adding by int32 indices, as torch.index_select, gather, scatter_add and embedding do. */
public final class Indexing {
    private Indexing() {}

    /** Places of a dimension: y[..., i, ...] = x[..., index[i], ...]; the index has any shape, which takes that place. */
    public static Tensor indexSelect(Tensor x, int dim, Tensor index) {
        return Ops.apply(new IndexSelect(dim), x, index);
    }

    /** x, with source[..., i, ...] added at [..., index[i], ...], in the order of the indices. */
    public static Tensor indexAdd(Tensor x, int dim, Tensor index, Tensor source) {
        return x.add(Ops.apply(new IndexAdd(dim, x.shape(), -1), source, index));
    }

    /** An element along the dimension for each place of the index: y[i][j] = x[index[i][j]][j] for dimension 0. */
    public static Tensor gather(Tensor x, int dim, Tensor index) {
        return Ops.apply(new Gather(dim), x, index);
    }

    /** x, with each element of the source added at the place that its index names: y[index[i][j]][j] += source[i][j]. */
    public static Tensor scatterAdd(Tensor x, int dim, Tensor index, Tensor source) {
        return x.add(Ops.apply(new ScatterAdd(dim, x.shape().dim(dim)), source, index));
    }

    /** Rows of the weight [V, E] for ids of any shape: [..., E]. */
    public static Tensor embedding(Tensor weight, Tensor ids) {
        return embedding(weight, ids, -1);
    }

    /**
     * Rows of the weight [V, E] for ids of any shape: [..., E].
     *
     * @param padding an id whose row gets no gradient; -1: none
     */
    public static Tensor embedding(Tensor weight, Tensor ids, long padding) {
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException("embedding: the weight must have shape [V, E], not " + weight.shape());
        }
        return Ops.apply(new IndexSelect(0, padding), weight, ids);
    }

    /** 1 at the label, 0 elsewhere: [..., classes] from int32 labels of any shape. */
    public static Tensor oneHot(Tensor labels, long classes, DType dtype) {
        if (labels.dtype() != DType.I32 || !dtype.isFloat()) {
            throw new IllegalArgumentException("one_hot: needs int32 labels and a floating-point result, not " + labels.spec() + " and "
                    + dtype);
        }
        long rows = labels.shape().count();
        Tensor index = labels.reshape(rows, 1);
        Tensor ones = index.cast(dtype).mul(0).add(1);
        long[] dims = java.util.Arrays.copyOf(labels.shape().dims(), labels.shape().rank() + 1);
        dims[dims.length - 1] = classes;
        return Ops.apply(new ScatterAdd(1, classes), ones, index).reshape(dims);
    }
}
