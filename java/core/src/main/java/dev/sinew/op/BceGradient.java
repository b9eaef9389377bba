package dev.sinew.op;

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
        throw context.noRule("(the second derivative)");
    }
}
