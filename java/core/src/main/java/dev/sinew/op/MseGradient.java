package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_mse_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Mse}: dx = 2 (x - target) dloss, divided by the number of elements for the mean. Inputs: x,
 * target, dloss (like the loss); output dx.
 *
 * @param reduction of the loss
 */
public record MseGradient(Reduction reduction) implements Op {
    /** Checks that the reduction is there. */
    public MseGradient {
        Objects.requireNonNull(reduction, "mse_gradient: reduction");
    }

    @Override
    public String name() {
        return "mse_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.getFirst().layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 3, 3);
        Ops.floating(this, inputs, 0, 1, 2);
        Spec x = inputs.getFirst();
        Check.shape(this, inputs, 1, x.shape(), "the target");
        Check.shape(this, inputs, 2, reduction.of(x).shape(), "dloss");
        return List.of(x);
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_MSE_BACKWARD(), sn_mse_args.layout());
        sn_mse_args.dtype(args, call.input(0).dtype().code());
        sn_mse_args.reduction(args, reduction.code());
        sn_mse_args.count(args, call.input(0).shape().count());
        call.in(args, sn_mse_args.x$offset(), 0);
        call.in(args, sn_mse_args.target$offset(), 1);
        call.in(args, sn_mse_args.dloss$offset(), 2);
        call.out(args, sn_mse_args.dx$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        double factor = reduction == Reduction.MEAN ? 2.0 / context.spec(0).shape().count() : 2;
        Tensor g = context.dy().mul(factor);
        Tensor[] gradients = new Tensor[3];
        if (context.needs(0) || context.needs(1)) {
            Tensor byX = g.mul(context.input(2), Broadcast.YES);
            gradients[0] = context.needs(0) ? byX : null;
            gradients[1] = context.needs(1) ? byX.mul(-1) : null;
        }
        if (context.needs(2)) {
            gradients[2] = Reduce.sumTo(g.mul(context.input(0).sub(context.input(1))), context.spec(2).shape());
        }
        return gradients;
    }
}
