package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Layout;
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

    /**
     * The labels as rows: [N, K] with the label's weight (1 without weights) in its column, else 0; rows to be ignored are 0.
     *
     * @param like of the shape and type of the result
     * @param labels int32 [N]
     * @param weightsOrNull [K]
     */
    public static Tensor chosen(Tensor like, Tensor labels, Tensor weightsOrNull, long ignoreIndex) {
        Tensor zero = Fill.with(like, like.spec().withLayout(Layout.ROW_MAJOR), 0);
        Tensor minusOne = Fill.with(like, Spec.of(like.dtype(), Shape.scalar()), -1);
        // the gradient (p - 1 in the label's column) of a sum of losses whose p are 0, downwards
        return Ops.apply(new CrossEntropyGradient(new CrossEntropy(Reduction.SUM, 0, ignoreIndex)),
                Ops.present(zero, labels, minusOne, weightsOrNull));
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
        boolean weighted = context.inputs() == 4;
        if (weighted && context.needs(3)) {
            throw context.noRule("with respect to the weights");
        }
        Tensor p = context.input(0);
        Tensor labels = context.input(1);
        Tensor dloss = context.input(2);
        Tensor weights = weighted ? context.input(3) : null;
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.needs(0)) {
            // a row of dlogits is a p - b, and b sums up to a: from p = 0 comes -b
            Tensor zero = Fill.with(p, p.spec().withLayout(Layout.ROW_MAJOR), 0);
            Tensor minusA = Ops.apply(new Reduce(Reduce.Kind.SUM, List.of(1), true), Ops.apply(this, Ops.present(zero, labels, dloss, weights)));
            gradients[0] = context.dy().mul(minusA.mul(-1), Broadcast.YES);
        }
        if (context.needs(2)) {
            Tensor one = Fill.with(p, Spec.of(dloss.dtype(), dloss.shape()), 1);
            Tensor slope = Ops.apply(this, Ops.present(p, labels, one, weights)).mul(context.dy());
            gradients[2] = of.reduction() == Reduction.NONE ? slope.sum(1) : slope.sum();
        }
        return gradients;
    }
}
