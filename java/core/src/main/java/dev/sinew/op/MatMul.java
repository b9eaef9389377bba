package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_batched_gemm_args;
import java.util.Arrays;
import java.util.List;

/**
 * Products of the matrices in the last two dimensions, y = alpha op(a) op(b), for every index of the dimensions before
 * them, which broadcast: aligned at the last of them, each pair of sizes equal or one of them 1 (or missing).
 *
 * @param transA whether a is stored [..., k, m] instead of [..., m, k]
 * @param transB whether b is stored [..., n, k] instead of [..., k, n]
 * @param alpha a factor, finite
 */
public record MatMul(boolean transA, boolean transB, double alpha) implements Op {
    /** Checks the factor. */
    public MatMul {
        Check.finite("matmul", "alpha", alpha);
    }

    /** Without a factor. */
    public MatMul(boolean transA, boolean transB) {
        this(transA, transB, 1);
    }

    /**
     * The product as torch.matmul has it: of two vectors the scalar product; a matrix times a vector, or the other way
     * round; matrices; and of higher ranks the products of the last two dimensions, the others broadcasting.
     */
    public static Tensor of(Tensor a, Tensor b) {
        int rankA = a.shape().rank();
        int rankB = b.shape().rank();
        if (rankA == 2 && rankB == 2) {
            return Ops.apply(new Gemm(false, false), a, b);
        }
        if (rankA == 0 || rankB == 0) {
            throw Ops.error(new MatMul(false, false), Ops.specs(a, b), "a scalar is no matrix");
        }
        if (rankA == 1) {
            Tensor y = of(a.reshape(1, a.shape().dim(0)), b);
            return y.reshape(without(y.shape(), rankB == 1 ? -1 : -2));
        }
        if (rankB == 1) {
            Tensor y = of(a, b.reshape(b.shape().dim(0), 1));
            return y.reshape(without(y.shape(), -1));
        }
        if (rankB == 2) {
            // one product of all rows
            Tensor rows = Ops.apply(new Gemm(false, false), a.reshape(-1, a.shape().dim(-1)), b);
            return rows.reshape(a.shape().with(-1, b.shape().dim(1)).dims());
        }
        return Ops.apply(new MatMul(false, false), a, b);
    }

    private static long[] without(Shape shape, int dim) {
        long[] dims = shape.dims();
        int d = shape.index(dim);
        long[] fewer = Arrays.copyOf(dims, dims.length - 1);
        System.arraycopy(dims, d + 1, fewer, d, fewer.length - d);
        return fewer;
    }

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        if (a.rank() < 2 || b.rank() < 2) {
            throw Ops.error(this, inputs, "needs matrices (rank 2 or higher)");
        }
        long k = a.dim(transA ? -2 : -1);
        long kOfB = b.dim(transB ? -1 : -2);
        if (k != kOfB) {
            throw Ops.error(this, inputs, "[..., m, k] times [..., k, n]: the inner sizes " + k + " and " + kOfB + " differ"
                    + (transA ? ", a being transposed" : "") + (transB ? ", b being transposed" : ""));
        }
        int rank = Math.max(a.rank(), b.rank());
        long[] dims = new long[rank];
        dims[rank - 2] = a.dim(transA ? -1 : -2);
        dims[rank - 1] = b.dim(transB ? -2 : -1);
        for (int d = 3; d <= rank; d++) {
            long fromA = d <= a.rank() ? a.dim(-d) : 1;
            long fromB = d <= b.rank() ? b.dim(-d) : 1;
            if (fromA != fromB && fromA != 1 && fromB != 1) {
                throw Ops.error(this, inputs, "the dimensions before the matrices do not broadcast: sizes " + fromA + " and " + fromB
                        + " are neither equal nor 1");
            }
            dims[rank - d] = Math.max(fromA, fromB);
        }
        return List.of(inputs.get(0).withShape(Check.result(this, inputs, dims)));
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_BATCHED_GEMM(), sn_batched_gemm_args.layout());
        Shape a = call.input(0).shape();
        Shape y = call.output(0).shape();
        int batches = y.rank() - 2;
        sn_batched_gemm_args.dtype(args, call.output(0).dtype().code());
        sn_batched_gemm_args.trans_a(args, transA ? 1 : 0);
        sn_batched_gemm_args.trans_b(args, transB ? 1 : 0);
        sn_batched_gemm_args.dims(args, batches);
        call.longs(args, sn_batched_gemm_args.shape$offset(), Arrays.copyOf(y.dims(), batches));
        call.longs(args, sn_batched_gemm_args.stride_a$offset(), strides(call.input(0), batches));
        call.longs(args, sn_batched_gemm_args.stride_b$offset(), strides(call.input(1), batches));
        sn_batched_gemm_args.m(args, y.dim(-2));
        sn_batched_gemm_args.n(args, y.dim(-1));
        sn_batched_gemm_args.k(args, a.dim(transA ? -2 : -1));
        sn_batched_gemm_args.alpha(args, alpha);
        call.in(args, sn_batched_gemm_args.a$offset(), 0);
        call.in(args, sn_batched_gemm_args.b$offset(), 1);
        call.out(args, sn_batched_gemm_args.c$offset(), 0);
        call.workspace(args, sn_batched_gemm_args.workspace$offset(), sn_batched_gemm_args.workspace_bytes$offset());
    }

    /** For each dimension before the matrices of the result how far the operand's matrices lie apart; 0 where one serves all. */
    private static long[] strides(Spec operand, int batches) {
        long[] strides = new long[batches];
        long[] own = operand.strides();
        int missing = batches + 2 - own.length;
        for (int d = missing; d < batches; d++) {
            strides[d] = operand.shape().dim(d - missing) == 1 ? 0 : own[d - missing];
        }
        return strides;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor dy = context.dy();
        Tensor[] gradients = new Tensor[2];
        if (context.needs(0)) {
            Tensor b = context.input(1);
            Tensor da = transA ? Ops.apply(new MatMul(transB, true, alpha), b, dy) : Ops.apply(new MatMul(false, !transB, alpha), dy, b);
            gradients[0] = Reduce.sumTo(da, context.spec(0).shape());
        }
        if (context.needs(1)) {
            Tensor a = context.input(0);
            Tensor db = transB ? Ops.apply(new MatMul(true, transA, alpha), dy, a) : Ops.apply(new MatMul(!transA, false, alpha), a, dy);
            gradients[1] = Reduce.sumTo(db, context.spec(1).shape());
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        return 2 * outputs(inputs).getFirst().shape().count() * inputs.get(0).shape().dim(transA ? -2 : -1);
    }
}
