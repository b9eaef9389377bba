package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.MatMul;
import dev.sinew.op.Ops;

/**
 * Attention: a weighted mean of values, the weights being a softmax of how well each key fits the query.
 *
 * <p>Masks are added to the scores: 0 where a key may be attended to, -infinity where not. {@link #causal}, {@link #padding}
 * and {@link #additive} make them; several are summed with {@code a.add(b, Broadcast.YES)}. A query that may attend to
 * nothing gets NaN, as in PyTorch. What they make of numbers alone belongs to the scope that is open, like any tensor; a graph
 * that captures it must not outlive that scope.
 */
public final class Attention {
    /**
     * What attention gives.
     *
     * @param y the mean of the values
     * @param weights of the keys, behind the dropout if there is one
     */
    public record Result(Tensor y, Tensor weights) {}

    private Attention() {}

    /**
     * y = softmax(q k^T / sqrt(d) + mask) v (Vaswani et al. 2017, equation 1).
     *
     * @param q queries [..., L, D]
     * @param k keys [..., S, D]
     * @param v values [..., S, E]
     * @param mask added to the scores [..., L, S], broadcasting; null: none
     */
    public static Result scaledDotProduct(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return scaledDotProduct(q, k, v, mask, 0, 0, null);
    }

    /**
     * The same with dropout of the weights.
     *
     * @param dropout 0 to 1
     * @param seed of the dropout
     * @param step the number of the training step (int64 scalar); null in inference: no dropout
     */
    public static Result scaledDotProduct(Tensor q, Tensor k, Tensor v, Tensor mask, double dropout, long seed, Tensor step) {
        if (q.shape().rank() < 2 || k.shape().rank() < 2 || v.shape().rank() < 2) {
            throw new IllegalArgumentException("attention: queries, keys and values must be matrices [..., L, D], [..., S, D],"
                    + " [..., S, E], not " + q.spec() + ", " + k.spec() + ", " + v.spec());
        }
        Tensor scores = Ops.apply(new MatMul(false, true, 1 / Math.sqrt(q.shape().dim(-1))), q, k);
        Tensor weights = (mask == null ? scores : masked(scores, mask)).softmax();
        if (dropout > 0 && step != null) {
            weights = weights.dropout(dropout, seed, step);
        }
        return new Result(Ops.apply(new MatMul(false, false), weights, v), weights);
    }

    private static Tensor masked(Tensor scores, Tensor mask) {
        Tensor sum = scores.add(mask, Broadcast.YES);
        if (!sum.shape().equals(scores.shape())) {
            throw new IllegalArgumentException("attention: the mask " + mask.spec() + " does not broadcast to the scores " + scores.spec());
        }
        return sum;
    }

    /**
     * Additive attention (Bahdanau, Cho, Bengio 2015, equations 5 and 6, and appendix A.1.2): the weights of the keys are
     * softmax(tanh(query wq^T + key wk^T) v + mask), the result the weighted mean of the keys.
     *
     * @param query [N, Q]
     * @param keys [N, S, K]
     * @param wq [A, Q]
     * @param wk [A, K]
     * @param v [A]
     * @param mask added to the scores [N, S], broadcasting; null: none
     * @return y [N, K], weights [N, S]
     */
    public static Result bahdanau(Tensor query, Tensor keys, Tensor wq, Tensor wk, Tensor v, Tensor mask) {
        if (query.shape().rank() != 2 || keys.shape().rank() != 3 || v.shape().rank() != 1) {
            throw new IllegalArgumentException("attention: needs a query [N, Q], keys [N, S, K] and v [A], not " + query.spec() + ", "
                    + keys.spec() + ", " + v.spec());
        }
        long n = keys.shape().dim(0);
        long s = keys.shape().dim(1);
        long a = v.shape().dim(0);
        Tensor fromQuery = Ops.apply(new Gemm(false, true), query, wq).reshape(n, 1, a);
        Tensor fromKeys = Ops.apply(new Gemm(false, true), keys.reshape(n * s, keys.shape().dim(2)), wk).reshape(n, s, a);
        Tensor scores = fromKeys.add(fromQuery, Broadcast.YES).tanh().matmul(v);
        Tensor weights = (mask == null ? scores : masked(scores, mask)).softmax();
        return new Result(weights.reshape(n, 1, s).matmul(keys).reshape(n, keys.shape().dim(2)), weights);
    }

    /** A mask [L, S] under which query i sees the keys 0 to i only. */
    public static Tensor causal(long queries, long keys, DType dtype) {
        double[] values = new double[Math.toIntExact(Math.multiplyExact(queries, keys))];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % keys > i / keys ? Double.NEGATIVE_INFINITY : 0;
        }
        return constant(values, dtype, queries, keys);
    }

    /**
     * A mask [N, 1, 1, S] under which sample n has its first lengths[n] keys only: for scores [N, heads, L, S].
     *
     * @param lengths int32 [N]
     */
    public static Tensor padding(Tensor lengths, long keys, DType dtype) {
        if (lengths.dtype() != DType.I32 || lengths.shape().rank() != 1) {
            throw new IllegalArgumentException("attention: the lengths must be int32 [N], not " + lengths.spec());
        }
        double[] positions = new double[Math.toIntExact(keys)];
        java.util.Arrays.setAll(positions, i -> i);
        long n = lengths.shape().dim(0);
        Tensor within = lengths.cast(dtype).reshape(n, 1).greater(constant(positions, dtype, keys), Broadcast.YES);
        return additive(within).reshape(n, 1, 1, keys);
    }

    /** The mask to be added for one that is 1 where a key may be attended to and 0 where not. */
    public static Tensor additive(Tensor allowed) {
        return allowed.log();
    }

    /**
     * The positions of a sequence as sines and cosines, [length, size], to be added to the embeddings (Vaswani et al. 2017,
     * section 3.5): column 2i has sin(position / 10000^(2i / size)), column 2i + 1 the cosine.
     */
    public static Tensor positions(long length, long size, DType dtype) {
        double[] values = new double[Math.toIntExact(Math.multiplyExact(length, size))];
        for (int i = 0; i < values.length; i++) {
            long column = i % size;
            double angle = i / size / Math.pow(10000, (column - column % 2) / (double) size);
            values[i] = column % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
        }
        return constant(values, dtype, length, size);
    }

    private static Tensor constant(double[] values, DType dtype, long... shape) {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("attention: the type must be F32 or F64, not " + dtype);
        }
        if (dtype == DType.F64) {
            return Tensor.of(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, shape);
    }
}
