package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_mse_args;
import java.util.List;
import java.util.Objects;

/**
 * Squared error, (x - target)^2. Inputs: x and target of one shape; output: a scalar, or that shape without reduction.
 *
 * @param reduction what is made of the elements' losses
 */
public record Mse(Reduction reduction) implements Op {
    /** Checks that the reduction is there. */
    public Mse {
        Objects.requireNonNull(reduction, "mse: reduction");
    }

    @Override
    public String name() {
        return "mse";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.getFirst().layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Check.shape(this, inputs, 1, inputs.getFirst().shape(), "the target");
        return List.of(reduction.of(inputs.getFirst()));
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_MSE_FORWARD(), sn_mse_args.layout());
        sn_mse_args.dtype(args, call.input(0).dtype().code());
        sn_mse_args.reduction(args, reduction.code());
        sn_mse_args.count(args, call.input(0).shape().count());
        call.in(args, sn_mse_args.x$offset(), 0);
        call.in(args, sn_mse_args.target$offset(), 1);
        call.out(args, sn_mse_args.loss$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor dx = Ops.apply(new MseGradient(reduction), context.input(0), context.input(1), context.dy());
        return new Tensor[] {context.needs(0) ? dx : null, context.needs(1) ? dx.mul(-1) : null};
    }
}
