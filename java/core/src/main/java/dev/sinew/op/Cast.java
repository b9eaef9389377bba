package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_cast_args;
import java.util.List;
import java.util.Objects;

/**
 * The elements in another type, in the layout of the input. To int32 rounds toward zero, saturates, and makes NaN 0.
 * Gradients flow between the floating-point types.
 *
 * @param to the type of the result; not int64
 */
public record Cast(DType to) implements Op {
    /** Checks the type. */
    public Cast {
        if (Objects.requireNonNull(to, "cast: to") == DType.I64) {
            throw new IllegalArgumentException("cast: no operation computes with I64");
        }
    }

    @Override
    public String name() {
        return "cast";
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
        return List.of(new Spec(to, x.shape(), x.layout()));
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return inputs.getFirst().dtype() == to;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_CAST(), sn_cast_args.layout());
        sn_cast_args.from(args, call.input(0).dtype().code());
        sn_cast_args.to(args, to.code());
        sn_cast_args.count(args, call.input(0).shape().count());
        call.in(args, sn_cast_args.x$offset(), 0);
        call.out(args, sn_cast_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {context.dy().cast(context.spec(0).dtype())};
    }
}
