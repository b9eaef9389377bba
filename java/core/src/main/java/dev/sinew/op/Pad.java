package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_pad_args;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Surrounds a tensor with a constant, in the layout of the input.
 *
 * @param before elements added in front along each dimension; a negative number crops
 * @param after elements added behind along each dimension; a negative number crops
 * @param value the constant; for int32 a number that type can hold
 */
public record Pad(List<Long> before, List<Long> after, double value) implements Op {
    /** Checks that both lists have the same length. */
    public Pad {
        before = List.copyOf(Objects.requireNonNull(before, "pad: before"));
        after = List.copyOf(Objects.requireNonNull(after, "pad: after"));
        if (before.size() != after.size()) {
            throw new IllegalArgumentException("pad: before " + before + " and after " + after + " must have the same length");
        }
    }

    /** From arrays. */
    public Pad(long[] before, long[] after, double value) {
        this(Arrays.stream(before).boxed().toList(), Arrays.stream(after).boxed().toList(), value);
    }

    @Override
    public String name() {
        return "pad";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        Spec x = inputs.getFirst();
        if (before.size() != x.shape().rank()) {
            throw Ops.error(this, inputs, "needs a width before and after each of the " + x.shape().rank() + " dimensions, not " + before
                    + " and " + after);
        }
        if (x.dtype() == DType.I32 && (int) value != value) {
            throw Ops.error(this, inputs, "the value " + value + " is no int32");
        }
        long[] sizes = x.shape().dims();
        for (int d = 0; d < sizes.length; d++) {
            long b = before.get(d);
            long a = after.get(d);
            if (!inRange(b) || !inRange(a) || sizes[d] + b + a < 1 || sizes[d] + b < 0 || sizes[d] + a < 0) {
                throw Ops.error(this, inputs, "size " + sizes[d] + " of dimension " + d + " cannot be padded by " + b + " before and " + a
                        + " after: at most all of it may be cropped from one side, 1 element must remain, 2^40 is the most");
            }
            sizes[d] += b + a;
        }
        return List.of(new Spec(x.dtype(), Check.result(this, inputs, sizes), x.layout()));
    }

    private static boolean inRange(long width) {
        return width >= -Shape.MAX_ELEMENTS && width <= Shape.MAX_ELEMENTS;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_PAD(), sn_pad_args.layout());
        Spec x = call.input(0);
        int rank = x.shape().rank();
        long[] b = new long[rank];
        long[] a = new long[rank];
        for (int d = 0; d < rank; d++) {
            b[x.physicalIndex(d)] = before.get(d);
            a[x.physicalIndex(d)] = after.get(d);
        }
        sn_pad_args.dtype(args, x.dtype().code());
        sn_pad_args.dims(args, rank);
        sn_pad_args.value(args, value);
        call.longs(args, sn_pad_args.shape$offset(), x.physicalDims());
        call.longs(args, sn_pad_args.before$offset(), b);
        call.longs(args, sn_pad_args.after$offset(), a);
        call.in(args, sn_pad_args.x$offset(), 0);
        call.out(args, sn_pad_args.y$offset(), 0);
    }

    /** The other way round: what was added is cropped, and what was cropped gets 0. */
    @Override
    public Tensor[] gradient(Backward context) {
        Pad back = new Pad(before.stream().map(width -> -width).toList(), after.stream().map(width -> -width).toList(), 0);
        return new Tensor[] {Ops.apply(back, context.dy())};
    }
}
