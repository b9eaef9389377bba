package dev.sinew.op;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_fill_args;
import java.util.List;

/**
 * A tensor with every element the same; takes no inputs.
 *
 * @param spec what it is
 * @param value the element, rounded to the type
 */
public record Fill(Spec spec, double value) implements Op {
    @Override
    public String name() {
        return "fill";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 0, 0);
        return List.of(spec);
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_FILL(), sn_fill_args.layout());
        sn_fill_args.dtype(args, spec.dtype().code());
        sn_fill_args.count(args, spec.shape().count());
        sn_fill_args.value(args, value);
        call.out(args, sn_fill_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[0];
    }
}
