package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gemm_args;
import dev.sinew.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The second matrix of a {@link Gemm} in the order in which the kernels of the instruction set in use read it; plans
 * prepare constant weights so. Input: b [k, n] or, transposed, [n, k]; output: bytes, as elements of b's type.
 *
 * @param transB whether b is stored [n, k]
 * @param rows m, the number of rows of the product
 */
public record GemmPack(boolean transB, long rows) implements Op {
    /** Checks the number of rows. */
    public GemmPack {
        if (rows < 1 || rows > Shape.MAX_ELEMENTS) {
            throw new IllegalArgumentException("matmul_pack: rows must be from 1 to 2^40, not " + rows);
        }
    }

    @Override
    public String name() {
        return "matmul_pack";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Check.rank(this, inputs, 0, 2, transB ? "[n, k]" : "[k, n]");
        Spec b = inputs.getFirst();
        Shape y = Check.result(this, inputs, rows, b.shape().dim(transB ? 0 : 1));
        Shape a = Check.result(this, inputs, rows, b.shape().dim(transB ? 1 : 0));
        Native.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment args = arena.allocate(sn_gemm_args.layout());
            Gemm.sizes(args, b.dtype(), false, transB, a, b.shape(), y);
            return List.of(Check.packed(this, inputs, b, Sinew.sn_packed_bytes(Sinew.SN_OP_GEMM_PACK(), args)));
        }
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_GEMM_PACK(), sn_gemm_args.layout());
        Shape b = call.input(0).shape();
        Gemm.sizes(args, call.input(0).dtype(), false, transB, Shape.of(rows, b.dim(transB ? 1 : 0)), b, Shape.of(rows, b.dim(transB ? 0 : 1)));
        call.in(args, sn_gemm_args.b$offset(), 0);
        call.out(args, sn_gemm_args.packed$offset(), 0);
        sn_gemm_args.packed_bytes(args, call.output(0).bytes());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(a weight prepared for a plan)");
    }
}
