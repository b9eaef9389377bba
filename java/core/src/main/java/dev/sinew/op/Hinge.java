package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_hinge_args;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Multi-class hinge loss (Weston, Watkins 1999): w[t] / d times the sum over j other than the label t of
 * max(0, margin + x[j] - x[t])^p, d being K or 1. Inputs: x [N, K], labels (int32) [N], optionally weights w [K]; output: a
 * scalar, or [N] without reduction. The mean divides by N. A label outside [0, K) gives an IllegalArgumentException when
 * the operation runs.
 *
 * @param reduction what is made of the rows' losses
 * @param p 1 or 2
 * @param margin finite; 1 by custom
 * @param meanOverClasses whether d is K, as in PyTorch's MultiMarginLoss
 */
public record Hinge(Reduction reduction, int p, double margin, boolean meanOverClasses) implements Op {
    /** Checks the ranges. */
    public Hinge {
        Objects.requireNonNull(reduction, "hinge: reduction");
        Check.finite("hinge", "margin", margin);
        if (p != 1 && p != 2) {
            throw new IllegalArgumentException("hinge: p must be 1 or 2, not " + p);
        }
    }

    @Override
    public String name() {
        return "hinge";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 3);
        CrossEntropy.checkRows(this, inputs, 2);
        Spec x = inputs.getFirst();
        return List.of(reduction.of(x.withShape(Shape.of(x.shape().dim(0)))));
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_HINGE_FORWARD());
        if (call.inputs() == 3) {
            call.in(args, sn_hinge_args.weights$offset(), 2);
        }
        call.out(args, sn_hinge_args.loss$offset(), 0);
    }

    /** Begins a call whose inputs 0 and 1 are x and labels. */
    MemorySegment begin(Call call, int code) {
        var args = call.begin(code, sn_hinge_args.layout());
        Shape x = call.input(0).shape();
        sn_hinge_args.dtype(args, call.input(0).dtype().code());
        sn_hinge_args.reduction(args, reduction.code());
        sn_hinge_args.rows(args, x.dim(0));
        sn_hinge_args.classes(args, x.dim(1));
        sn_hinge_args.p(args, p);
        sn_hinge_args.mean_over_classes(args, meanOverClasses ? 1 : 0);
        sn_hinge_args.margin(args, margin);
        call.in(args, sn_hinge_args.x$offset(), 0);
        call.in(args, sn_hinge_args.labels$offset(), 1);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (context.inputs() == 3 && context.needs(2)) {
            throw context.noRule("with respect to the weights");
        }
        List<Tensor> inputs = new ArrayList<>(List.of(context.input(0), context.input(1), context.dy()));
        if (context.inputs() == 3) {
            inputs.add(context.input(2));
        }
        Tensor[] gradients = new Tensor[context.inputs()];
        gradients[0] = Ops.apply(new HingeGradient(this), inputs.toArray(Tensor[]::new));
        return gradients;
    }
}
