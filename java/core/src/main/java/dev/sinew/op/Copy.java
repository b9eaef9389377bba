package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_permute_args;
import java.util.List;

/** The same values in memory of their own, for any type but int64, in the layout of the input. */
public record Copy() implements Op {
    @Override
    public String name() {
        return "copy";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Check.movable(this, inputs, 0);
        return inputs;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_PERMUTE(), sn_permute_args.layout());
        sn_permute_args.dtype(args, call.input(0).dtype().code());
        sn_permute_args.dims(args, 1);
        call.longs(args, sn_permute_args.shape$offset(), new long[] {call.input(0).shape().count()});
        call.longs(args, sn_permute_args.stride$offset(), new long[] {1});
        call.in(args, sn_permute_args.x$offset(), 0);
        call.out(args, sn_permute_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {context.dy()};
    }
}
