package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_bce_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Bce} with respect to x. Inputs: x, target, dloss (like the loss), then weight and posWeight as
 * the loss has them; output dx.
 *
 * @param of the loss
 */
public record BceGradient(Bce of) implements Op {
    /** Checks that the loss is there. */
    public BceGradient {
        Objects.requireNonNull(of, "bce_gradient: of");
    }

    @Override
    public String name() {
        return "bce_gradient";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        of.check(this, inputs, 3);
        Check.shape(this, inputs, 2, of.reduction().of(inputs.getFirst()).shape(), "dloss");
        return List.of(inputs.getFirst());
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_BCE_BACKWARD(), 3);
        call.in(args, sn_bce_args.dloss$offset(), 2);
        call.out(args, sn_bce_args.dx$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        int last = context.inputs() - 1;
        for (int i = 3; i <= last; i++) {
            if (context.needs(i)) {
                throw context.noRule("with respect to its weights");
            }
        }
        Tensor x = context.input(0);
        Tensor dloss = context.input(2);
        Tensor weight = of.weight() ? context.input(3) : null;
        Tensor positive = of.posWeight() ? context.input(last) : null;
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.needs(0) || context.needs(1)) {
            Tensor scaled = context.dy().mul(dloss, Broadcast.YES);
            scaled = weight == null ? scaled : scaled.mul(weight);
            scaled = of.reduction() == Reduction.MEAN ? scaled.mul(1.0 / x.shape().count()) : scaled;
            Tensor below = x.mul(-1).sigmoid();
            gradients[0] = context.needs(0) ? byX(scaled.mul(below).mul(x.sigmoid()), context.input(1), positive) : null;
            gradients[1] = context.needs(1) ? byTarget(scaled, below, positive) : null;
        }
        if (context.needs(2)) {
            Tensor one = Fill.with(x, Spec.of(dloss.dtype(), dloss.shape()), 1);
            Tensor slope = Ops.apply(this, Ops.present(x, context.input(1), one, weight, positive));
            gradients[2] = Reduce.sumTo(slope.mul(context.dy()), dloss.shape());
        }
        return gradients;
    }

    /** The second derivative s(x) s(-x) (1 + (q - 1) t); the first factors are in {@code scaled}. */
    private static Tensor byX(Tensor scaled, Tensor target, Tensor positive) {
        return positive == null ? scaled : scaled.mul(target.mul(positive.sub(1), Broadcast.YES).add(1));
    }

    /** d/dt = -1 - (q - 1) s(-x). */
    private static Tensor byTarget(Tensor scaled, Tensor below, Tensor positive) {
        Tensor minus = scaled.mul(-1);
        return positive == null ? minus : minus.mul(below.mul(positive.sub(1), Broadcast.YES).add(1));
    }
}
