package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_permute_args;
import java.util.List;
import java.util.Objects;

/**
 * Brings a tensor of rank 4 into another memory layout; its logical shape and values stay.
 *
 * @param to the layout of the result
 */
public record Convert(Layout to) implements Op {
    /** Checks that the layout is there. */
    public Convert {
        Objects.requireNonNull(to, "convert: to");
    }

    /** The tensor in that layout: itself where it is already. */
    public static Tensor to(Layout layout, Tensor tensor) {
        return tensor.spec().layout() == layout ? tensor : Ops.apply(new Convert(layout), tensor);
    }

    @Override
    public String name() {
        return "convert";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        return List.of(inputs.getFirst().withLayout(to));
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return inputs.getFirst().layout() == to || inputs.getFirst().layoutIsImmaterial();
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_PERMUTE(), sn_permute_args.layout());
        sn_permute_args.dtype(args, call.input(0).dtype().code());
        sn_permute_args.dims(args, 4);
        long[] d = call.output(0).physicalDims();
        long[] s = call.input(0).strides();
        call.longs(args, sn_permute_args.shape$offset(), d);
        call.longs(args, sn_permute_args.stride$offset(),
                to == Layout.CHANNELS_LAST ? new long[] {s[0], s[2], s[3], s[1]} : s);
        call.in(args, sn_permute_args.x$offset(), 0);
        call.out(args, sn_permute_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {context.dy()};
    }
}
