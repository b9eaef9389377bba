package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gather_args;
import java.util.List;

/**
 * One element along a dimension for each place: with the first dimension y[i, j, k] = x[index[i, j, k], j, k]. Inputs: x and
 * int32 indices, whose sizes are those of x but for that dimension; the result has their shape. An index outside of the
 * dimension is refused when the operation runs.
 *
 * @param dim the dimension, a negative one counted from the end
 */
public record Gather(int dim) implements Op {
    @Override
    public String name() {
        return "gather";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Check.movable(this, inputs, 0);
        return List.of(inputs.get(0).withShape(index(this, inputs, inputs.get(0).shape(), dim)));
    }

    /** The shape of the indices, checked against that of x. */
    static Shape index(Op op, List<Spec> inputs, Shape x, int dim) {
        Check.dtype(op, inputs, 1, DType.I32, "the index");
        if (dim < -x.rank() || dim >= x.rank()) {
            throw Ops.error(op, inputs, "dimension " + dim + " does not exist in shape " + x);
        }
        Shape index = inputs.get(1).shape();
        if (index.rank() != x.rank() || !index.with(dim, x.dim(dim)).equals(x)) {
            throw Ops.error(op, inputs, "the index must have the sizes of " + x + " but for dimension " + dim + ", not " + index);
        }
        return index;
    }

    @Override
    public void encode(Call call) {
        var args = IndexSelect.begin(call, Sinew.SN_OP_GATHER_FORWARD(), call.input(0), dim, call.input(1).shape().dim(dim), -1);
        sn_gather_args.elementwise(args, 1);
        call.in(args, sn_gather_args.x$offset(), 0);
        call.in(args, sn_gather_args.index$offset(), 1);
        call.out(args, sn_gather_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        long size = context.spec(0).shape().dim(dim);
        return new Tensor[] {Ops.apply(new ScatterAdd(dim, size), context.dy(), context.input(1)), null};
    }
}
