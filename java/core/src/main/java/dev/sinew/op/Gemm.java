package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gemm_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * y = act(op(a) op(b) + bias): a and b of rank 2, transposed where asked, bias [n] optional. With transB, b is the weight
 * [out, in] of a fully connected layer as PyTorch stores it. Plans make use of one more input, behind b: b as
 * {@link GemmPack} gives it.
 *
 * @param transA whether a is stored [k, m] instead of [m, k]
 * @param transB whether b is stored [n, k] instead of [k, n]
 * @param activation applied to the result
 * @param packed whether there is a packed b, too
 */
public record Gemm(boolean transA, boolean transB, Activation activation, boolean packed) implements Fusable {
    /** Checks that the activation is there. */
    public Gemm {
        Objects.requireNonNull(activation, "matmul: activation");
    }

    /** With an activation. */
    public Gemm(boolean transA, boolean transB, Activation activation) {
        this(transA, transB, activation, false);
    }

    /** Without activation. */
    public Gemm(boolean transA, boolean transB) {
        this(transA, transB, Activation.IDENTITY);
    }

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public Op withActivation(Activation other) {
        return new Gemm(transA, transB, other, packed);
    }

    /**
     * With a packed b as input 2.
     *
     * @hidden
     */
    public Gemm withPacked() {
        return new Gemm(transA, transB, activation, true);
    }

    /** Where the bias stands, if there is one. */
    private int biasInput() {
        return packed ? 3 : 2;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int bias = biasInput();
        Ops.arity(this, inputs, bias, bias + 1);
        Ops.allFloating(this, inputs);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        if (a.rank() != 2 || b.rank() != 2) {
            throw Ops.error(this, inputs, "needs two matrices (rank 2)");
        }
        long k = a.dim(transA ? 0 : 1);
        long kOfB = b.dim(transB ? 1 : 0);
        long n = b.dim(transB ? 0 : 1);
        if (k != kOfB) {
            throw Ops.error(this, inputs, "[m, k] times [k, n]: the inner sizes " + k + " and " + kOfB + " differ"
                    + (transA ? ", a being transposed" : "") + (transB ? ", b being transposed" : ""));
        }
        if (packed) {
            Spec bytes = new GemmPack(transB, a.dim(transA ? 1 : 0)).outputs(inputs.subList(1, 2)).getFirst();
            Check.shape(this, inputs, 2, bytes.shape(), "the packed matrix");
        }
        if (inputs.size() > bias && !inputs.get(bias).shape().equals(Shape.of(n))) {
            throw Ops.error(this, inputs, "the bias must have shape [" + n + "]");
        }
        return List.of(Spec.of(inputs.get(0).dtype(), Check.result(this, inputs, a.dim(transA ? 1 : 0), n)));
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_GEMM(), sn_gemm_args.layout());
        sizes(args, call.output(0).dtype(), transA, transB, call.input(0).shape(), call.input(1).shape(), call.output(0).shape());
        sn_gemm_args.act(args, activation.kind().code());
        sn_gemm_args.act_alpha(args, activation.alpha());
        sn_gemm_args.alpha(args, 1);
        sn_gemm_args.beta(args, 0);
        call.in(args, sn_gemm_args.a$offset(), 0);
        call.in(args, sn_gemm_args.b$offset(), 1);
        if (packed) {
            call.in(args, sn_gemm_args.packed$offset(), 2);
            sn_gemm_args.packed_bytes(args, call.input(2).bytes());
        }
        if (call.inputs() > biasInput()) {
            call.in(args, sn_gemm_args.bias$offset(), biasInput());
        }
        call.out(args, sn_gemm_args.c$offset(), 0);
        call.workspace(args, sn_gemm_args.workspace$offset(), sn_gemm_args.workspace_bytes$offset());
    }

    /** Writes type and sizes. */
    static void sizes(MemorySegment args, DType dtype, boolean transA, boolean transB, Shape a, Shape b, Shape y) {
        sn_gemm_args.dtype(args, dtype.code());
        sn_gemm_args.trans_a(args, transA ? 1 : 0);
        sn_gemm_args.trans_b(args, transB ? 1 : 0);
        sn_gemm_args.m(args, y.dim(0));
        sn_gemm_args.n(args, y.dim(1));
        sn_gemm_args.k(args, a.dim(transA ? 0 : 1));
        sn_gemm_args.lda(args, a.dim(1));
        sn_gemm_args.ldb(args, b.dim(1));
        sn_gemm_args.ldc(args, y.dim(1));
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            throw context.noRule("with a fused activation");
        }
        if (packed) {
            throw context.noRule("with what only plans add");
        }
        Tensor dy = context.dy();
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.needs(0)) {
            Tensor b = context.input(1);
            gradients[0] = transA ? Ops.apply(new Gemm(transB, true), b, dy) : Ops.apply(new Gemm(false, !transB), dy, b);
        }
        if (context.needs(1)) {
            Tensor a = context.input(0);
            gradients[1] = transB ? Ops.apply(new Gemm(true, transA), dy, a) : Ops.apply(new Gemm(!transA, false), a, dy);
        }
        if (context.inputs() == 3 && context.needs(2)) {
            gradients[2] = dy.sum(0);
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        Shape b = inputs.get(1).shape();
        return 2 * inputs.get(0).shape().count() * b.dim(transB ? 0 : 1);
    }
}
