package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gather_args;
import java.util.List;

/**
 * The adjoint of {@link Gather}: zeros, to which each element is added at the place that its index names; with the first
 * dimension y[index[i, j, k], j, k] += x[i, j, k], in the order of i. Inputs: x and int32 indices of its shape.
 *
 * @param dim the dimension, a negative one counted from the end
 * @param size of that dimension of the result, at least 1
 */
public record ScatterAdd(int dim, long size) implements Op {
    /** Checks the size. */
    public ScatterAdd {
        if (size < 1 || size > Shape.MAX_ELEMENTS) {
            throw new IllegalArgumentException("scatter_add: size must be from 1 to 2^40, not " + size);
        }
    }

    @Override
    public String name() {
        return "scatter_add";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0);
        Shape x = inputs.get(0).shape();
        Gather.index(this, inputs, x, dim);
        Check.shape(this, inputs, 1, x, "the index");
        long[] sizes = x.dims();
        sizes[x.index(dim)] = size;
        return List.of(inputs.get(0).withShape(Check.result(this, inputs, sizes)));
    }

    @Override
    public void encode(Call call) {
        var args = IndexSelect.begin(call, Sinew.SN_OP_GATHER_BACKWARD(), call.output(0), dim, call.input(0).shape().dim(dim), -1);
        sn_gather_args.elementwise(args, 1);
        call.in(args, sn_gather_args.dy$offset(), 0);
        call.in(args, sn_gather_args.index$offset(), 1);
        call.out(args, sn_gather_args.dx$offset(), 0);
    }

    /** Linear, with {@link Gather} as its adjoint. */
    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new Gather(dim), context.dy(), context.input(1)), null};
    }
}
