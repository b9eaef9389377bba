package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_gather_args;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Places of one dimension, chosen by a list of indices, such as the rows of an embedding: y[..., i, ...] = x[..., index[i],
 * ...]. Inputs: x, and int32 indices of any shape, whose dimensions stand in the place of the chosen one. An index outside
 * of the dimension is refused when the operation runs.
 *
 * @param dim the dimension, a negative one counted from the end
 * @param skip an index whose place gets no gradient (the padding of an embedding); -1: none
 */
public record IndexSelect(int dim, long skip) implements Op {
    /** Checks the index to be skipped. */
    public IndexSelect {
        if (skip < -1) {
            throw new IllegalArgumentException("index_select: the index without gradient must be at least 0, or -1 for none, not " + skip);
        }
    }

    /** With gradients everywhere. */
    public IndexSelect(int dim) {
        this(dim, -1);
    }

    @Override
    public String name() {
        return "index_select";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Check.movable(this, inputs, 0);
        Check.dtype(this, inputs, 1, DType.I32, "the index");
        int d = Check.dim(this, inputs, 0, dim);
        long[] x = inputs.get(0).shape().dims();
        long[] index = inputs.get(1).shape().dims();
        if (skip >= x[d]) {
            throw Ops.error(this, inputs, "the index without gradient, " + skip + ", does not exist in size " + x[d]);
        }
        long[] y = new long[x.length - 1 + index.length];
        System.arraycopy(x, 0, y, 0, d);
        System.arraycopy(index, 0, y, d, index.length);
        System.arraycopy(x, d + 1, y, d + index.length, x.length - 1 - d);
        return List.of(inputs.get(0).withShape(Check.result(this, inputs, y)));
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_GATHER_FORWARD(), call.input(0), dim, call.input(1).shape().count(), skip);
        call.in(args, sn_gather_args.x$offset(), 0);
        call.in(args, sn_gather_args.index$offset(), 1);
        call.out(args, sn_gather_args.y$offset(), 0);
    }

    /** Begins a call with everything but pointers and the choice element by element. */
    static MemorySegment begin(Call call, int code, Spec x, int dim, long count, long skip) {
        var args = call.begin(code, sn_gather_args.layout());
        long[] sizes = x.shape().dims();
        int d = x.shape().index(dim);
        sn_gather_args.dtype(args, x.dtype().code());
        sn_gather_args.outer(args, Check.product(sizes, 0, d));
        sn_gather_args.size(args, sizes[d]);
        sn_gather_args.inner(args, Check.product(sizes, d + 1, sizes.length));
        sn_gather_args.count(args, count);
        sn_gather_args.skip(args, skip);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Shape x = context.spec(0).shape();
        return new Tensor[] {Ops.apply(new IndexAdd(x.index(dim), x, skip), context.dy(), context.input(1)), null};
    }
}
