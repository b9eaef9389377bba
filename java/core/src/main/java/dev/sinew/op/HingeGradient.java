package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_hinge_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Hinge}; 0 at the hinge itself. Inputs: x [N, K], labels (int32) [N], dloss (like the loss),
 * optionally weights [K]; output dx.
 *
 * @param of the loss
 */
public record HingeGradient(Hinge of) implements Op {
    /** Checks that the loss is there. */
    public HingeGradient {
        Objects.requireNonNull(of, "hinge_gradient: of");
    }

    @Override
    public String name() {
        return "hinge_gradient";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 3, 4);
        CrossEntropy.checkRows(this, inputs, 3);
        Ops.floating(this, inputs, 0, 2);
        Spec x = inputs.getFirst();
        Check.shape(this, inputs, 2, of.reduction().of(x.withShape(Shape.of(x.shape().dim(0)))).shape(), "dloss");
        return List.of(x);
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_HINGE_BACKWARD());
        call.in(args, sn_hinge_args.dloss$offset(), 2);
        if (call.inputs() == 4) {
            call.in(args, sn_hinge_args.weights$offset(), 3);
        }
        call.out(args, sn_hinge_args.dx$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(the second derivative)");
    }
}
