package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_permute_args;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The dimensions in another order: dimension i of the result is dimension order[i] of the input. The result is row-major.
 *
 * @param order each of 0 to rank - 1 once; negative ones count from the end
 */
public record Permute(List<Integer> order) implements Op {
    /** Copies the list. */
    public Permute {
        order = List.copyOf(Objects.requireNonNull(order, "permute: order"));
    }

    /** The order, dimension by dimension. */
    public Permute(int... order) {
        this(Arrays.stream(order).boxed().toList());
    }

    @Override
    public String name() {
        return "permute";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        int[] from = resolve(inputs);
        long[] sizes = new long[from.length];
        for (int d = 0; d < from.length; d++) {
            sizes[d] = inputs.getFirst().shape().dim(from[d]);
        }
        return List.of(inputs.getFirst().withShape(Shape.of(sizes)));
    }

    private int[] resolve(List<Spec> inputs) {
        int rank = inputs.getFirst().shape().rank();
        int[] from = new int[order.size()];
        boolean[] seen = new boolean[rank];
        for (int d = 0; d < from.length; d++) {
            from[d] = Check.dim(this, inputs, 0, order.get(d));
            if (seen[from[d]]) {
                throw Ops.error(this, inputs, "dimension " + order.get(d) + " is given twice in " + order);
            }
            seen[from[d]] = true;
        }
        if (from.length != rank) {
            throw Ops.error(this, inputs, "the order " + order + " must name each of the " + rank + " dimensions once");
        }
        return from;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_PERMUTE(), sn_permute_args.layout());
        Spec x = call.input(0);
        int[] from = resolve(List.of(x));
        long[] own = x.strides();
        long[] strides = new long[from.length];
        for (int d = 0; d < from.length; d++) {
            strides[d] = own[from[d]];
        }
        sn_permute_args.dtype(args, x.dtype().code());
        sn_permute_args.dims(args, from.length);
        call.longs(args, sn_permute_args.shape$offset(), call.output(0).shape().dims());
        call.longs(args, sn_permute_args.stride$offset(), strides);
        call.in(args, sn_permute_args.x$offset(), 0);
        call.out(args, sn_permute_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        int[] from = resolve(List.of(context.spec(0)));
        int[] back = new int[from.length];
        for (int d = 0; d < from.length; d++) {
            back[from[d]] = d;
        }
        return new Tensor[] {Ops.apply(new Permute(back), context.dy())};
    }
}
