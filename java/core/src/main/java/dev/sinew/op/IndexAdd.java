package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gather_args;
import java.util.List;
import java.util.Objects;

/**
 * The adjoint of {@link IndexSelect}: zeros of a shape, to which dy[..., i, ...] is added at [..., index[i], ...], in the
 * order of the indices. Inputs: dy and int32 indices.
 *
 * @param dim the dimension of the result
 * @param shape of the result
 * @param skip an index at which nothing is added; -1: none
 */
public record IndexAdd(int dim, Shape shape, long skip) implements Op {
    /** Checks the numbers. */
    public IndexAdd {
        Objects.requireNonNull(shape, "index_add: shape");
        if (dim < -shape.rank() || dim >= shape.rank()) {
            throw new IllegalArgumentException("index_add: dimension " + dim + " does not exist in shape " + shape);
        }
        if (skip < -1) {
            throw new IllegalArgumentException("index_add: the index that is skipped must be at least 0, or -1 for none, not " + skip);
        }
    }

    @Override
    public String name() {
        return "index_add";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0);
        Check.dtype(this, inputs, 1, DType.I32, "the index");
        Spec x = inputs.get(0).withShape(shape);
        Check.shape(this, inputs, 0, new IndexSelect(dim).outputs(List.of(x, inputs.get(1))).getFirst().shape(), "what is added");
        return List.of(x);
    }

    @Override
    public void encode(Call call) {
        var args = IndexSelect.begin(call, Sinew.SN_OP_GATHER_BACKWARD(), call.output(0), dim, call.input(1).shape().count(), skip);
        call.in(args, sn_gather_args.dy$offset(), 0);
        call.in(args, sn_gather_args.index$offset(), 1);
        call.out(args, sn_gather_args.dx$offset(), 0);
    }

    /** Linear, with the choice as its adjoint. */
    @Override
    public Tensor[] gradient(Backward context) {
        if (skip >= 0) {
            throw context.noRule("with an index that is skipped");
        }
        return new Tensor[] {Ops.apply(new IndexSelect(dim), context.dy(), context.input(1)), null};
    }
}
