package dev.sinew.op;

import dev.sinew.Broadcast;
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
        boolean weighted = context.inputs() == 4;
        if (weighted && context.needs(3)) {
            throw context.noRule("with respect to the weights");
        }
        Tensor x = context.input(0);
        Tensor dloss = context.input(2);
        Tensor weights = weighted ? context.input(3) : null;
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.needs(0)) {
            gradients[0] = of.p() == 1 ? context.dy().mul(0) : ofSquares(context, weights);
        }
        if (context.needs(2)) {
            Tensor one = Fill.with(x, Spec.of(dloss.dtype(), dloss.shape()), 1);
            Tensor slope = Ops.apply(this, Ops.present(x, context.input(1), one, weights)).mul(context.dy());
            gradients[2] = of.reduction() == Reduction.NONE ? slope.sum(1) : slope.sum();
        }
        return gradients;
    }

    /**
     * Of p = 2, for the gradient u of dx: with c[j] being the slope of the same loss of p = 1, 2 c[j] (u[j] - u[label]) for the
     * wrong classes j, and for the label what makes the sum of the row 0.
     */
    private Tensor ofSquares(Backward context, Tensor weights) {
        Tensor x = context.input(0);
        Tensor labels = context.input(1);
        Tensor u = context.dy();
        Hinge plain = new Hinge(of.reduction(), 1, of.margin(), of.meanOverClasses());
        Tensor c = Ops.apply(new HingeGradient(plain), Ops.present(x, labels, context.input(2), weights));
        Tensor label = CrossEntropyGradient.chosen(x, labels, null, Long.MIN_VALUE);
        Tensor wrong = c.mul(u.sub(sum(u.mul(label)), Broadcast.YES)).mul(2);
        return wrong.sub(label.mul(sum(wrong), Broadcast.YES));
    }

    private static Tensor sum(Tensor rows) {
        return Ops.apply(new Reduce(Reduce.Kind.SUM, List.of(1), true), rows);
    }
}
