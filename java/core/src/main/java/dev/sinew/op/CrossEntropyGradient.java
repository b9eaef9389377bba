package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_cross_entropy_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link CrossEntropy}. Inputs: probabilities [N, K], labels (int32) [N], dloss (like the loss),
 * optionally weights [K]; output dlogits [N, K].
 *
 * @param of the loss
 */
public record CrossEntropyGradient(CrossEntropy of) implements Op {
    /** Checks that the loss is there. */
    public CrossEntropyGradient {
        Objects.requireNonNull(of, "cross_entropy_gradient: of");
    }

    @Override
    public String name() {
        return "cross_entropy_gradient";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 3, 4);
        CrossEntropy.checkRows(this, inputs, 3);
        Ops.floating(this, inputs, 0, 2);
        Spec probabilities = inputs.getFirst();
        Spec losses = probabilities.withShape(Shape.of(probabilities.shape().dim(0)));
        Check.shape(this, inputs, 2, of.reduction().of(losses).shape(), "dloss");
        return List.of(probabilities);
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_CROSS_ENTROPY_BACKWARD());
        call.in(args, sn_cross_entropy_args.probs$offset(), 0);
        call.in(args, sn_cross_entropy_args.labels$offset(), 1);
        call.in(args, sn_cross_entropy_args.dloss$offset(), 2);
        if (call.inputs() == 4) {
            call.in(args, sn_cross_entropy_args.weights$offset(), 3);
        }
        call.out(args, sn_cross_entropy_args.dlogits$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(the second derivative); compose the loss of log_softmax for that");
    }
}
