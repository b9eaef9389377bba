package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_concat_args;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Tensors one after the other along a dimension; the other sizes must be equal. Rank 4 is channels-last when one of the
 * inputs is.
 *
 * @param dim the dimension, a negative one counted from the end
 */
public record Concat(int dim) implements Op {
    /** The arguments of a call must fit into the memory that operations run at once share. */
    private static final int MOST_INPUTS = 2048;

    @Override
    public String name() {
        return "concat";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.stream().anyMatch(spec -> spec.layout() == Layout.CHANNELS_LAST) ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, MOST_INPUTS);
        Check.movable(this, inputs, 0);
        Spec first = inputs.getFirst();
        int d = Check.dim(this, inputs, 0, dim);
        long total = 0;
        for (int i = 0; i < inputs.size(); i++) {
            Check.dtype(this, inputs, i, first.dtype(), "every tensor");
            Shape shape = inputs.get(i).shape();
            if (shape.rank() != first.shape().rank() || !shape.with(d, first.shape().dim(d)).equals(first.shape())) {
                throw Ops.error(this, inputs, "the sizes must be equal but for dimension " + dim + ": input " + i + " has shape " + shape
                        + ", input 0 " + first.shape());
            }
            total += shape.dim(d);
        }
        long[] sizes = first.shape().dims();
        sizes[d] = total;
        return List.of(new Spec(first.dtype(), Check.result(this, inputs, sizes), first.layout()));
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_CONCAT(), sn_concat_args.layout());
        Spec y = call.output(0);
        long[] physical = y.physicalDims();
        int place = y.physicalIndex(dim);
        int count = call.inputs();
        MemorySegment sizes = call.array(count);
        MemorySegment pointers = call.array(count);
        sn_concat_args.dtype(args, y.dtype().code());
        sn_concat_args.count(args, count);
        sn_concat_args.outer(args, Check.product(physical, 0, place));
        sn_concat_args.inner(args, Check.product(physical, place + 1, physical.length));
        sn_concat_args.size(args, sizes);
        sn_concat_args.x(args, pointers);
        for (int i = 0; i < count; i++) {
            sizes.setAtIndex(ValueLayout.JAVA_LONG, i, call.input(i).shape().dim(dim));
            call.in(pointers, 8L * i, i);
        }
        call.out(args, sn_concat_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[context.inputs()];
        long start = 0;
        for (int i = 0; i < gradients.length; i++) {
            long length = context.spec(i).shape().dim(dim);
            if (context.needs(i)) {
                gradients[i] = Ops.apply(new Slice(dim, start, length, 1), context.dy());
            }
            start += length;
        }
        return gradients;
    }
}
