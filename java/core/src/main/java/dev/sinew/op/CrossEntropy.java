package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_cross_entropy_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Cross-entropy of the softmax of logits: with p = softmax(logits), t the label, w the weights (1 when not given) and e
 * the smoothing (Szegedy et al. 2016, section 7), a row's loss is
 * (1-e) w[t] (-log p[t]) + e/K sum over k of w[k] (-log p[k]), and 0 where the label is to be ignored. The mean divides by
 * the sum of w[t] over the rows that count.
 *
 * <p>Inputs: logits [N, K], labels (int32) [N], optionally weights [K]; outputs: loss (a scalar, or [N] without reduction)
 * and p [N, K]. A label outside [0, K) that is not to be ignored gives an
 * IllegalArgumentException when the operation runs.
 *
 * @param reduction what is made of the rows' losses
 * @param smoothing 0 to 1
 * @param ignoreIndex rows with this label do not count; PyTorch's default is -100
 */
public record CrossEntropy(Reduction reduction, double smoothing, long ignoreIndex) implements Op {
    /** Checks the smoothing. */
    public CrossEntropy {
        Objects.requireNonNull(reduction, "cross_entropy: reduction");
        Check.within("cross_entropy", "smoothing", smoothing, 0, 1);
    }

    /** Without smoothing; label -100 is ignored. */
    public CrossEntropy(Reduction reduction) {
        this(reduction, 0, -100);
    }

    @Override
    public String name() {
        return "cross_entropy";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 3);
        checkRows(this, inputs, 2);
        Spec logits = inputs.getFirst();
        return List.of(reduction.of(logits.withShape(Shape.of(logits.shape().dim(0)))), logits);
    }

    /** Checks values [N, K] as input 0, labels [N] as input 1 and, as input {@code weights} where that exists, weights [K]. */
    static void checkRows(Op op, List<Spec> inputs, int weights) {
        Ops.floating(op, inputs, 0);
        Check.rank(op, inputs, 0, 2, "[N, K]");
        Shape x = inputs.getFirst().shape();
        Check.dtype(op, inputs, 1, DType.I32, "labels");
        Check.shape(op, inputs, 1, Shape.of(x.dim(0)), "labels");
        if (inputs.size() > weights) {
            Ops.floating(op, inputs, 0, weights);
            Check.shape(op, inputs, weights, Shape.of(x.dim(1)), "weights");
        }
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_CROSS_ENTROPY_FORWARD());
        call.in(args, sn_cross_entropy_args.logits$offset(), 0);
        call.in(args, sn_cross_entropy_args.labels$offset(), 1);
        if (call.inputs() == 3) {
            call.in(args, sn_cross_entropy_args.weights$offset(), 2);
        }
        call.out(args, sn_cross_entropy_args.loss$offset(), 0);
        call.out(args, sn_cross_entropy_args.probs$offset(), 1);
    }

    MemorySegment begin(Call call, int code) {
        var args = call.begin(code, sn_cross_entropy_args.layout());
        Shape rows = call.input(0).shape();
        sn_cross_entropy_args.dtype(args, call.input(0).dtype().code());
        sn_cross_entropy_args.reduction(args, reduction.code());
        sn_cross_entropy_args.rows(args, rows.dim(0));
        sn_cross_entropy_args.classes(args, rows.dim(1));
        sn_cross_entropy_args.ignore_index(args, ignoreIndex);
        sn_cross_entropy_args.smoothing(args, smoothing);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (context.inputs() == 3 && context.needs(2)) {
            throw context.noRule("with respect to the weights");
        }
        Tensor ofLoss = null;
        if (context.dy() != null) {
            ofLoss = Ops.apply(new CrossEntropyGradient(this), Ops.present(context.output(1), context.input(1), context.dy(),
                    context.inputs() == 3 ? context.input(2) : null));
        }
        Tensor[] gradients = new Tensor[context.inputs()];
        gradients[0] = ofLoss;
        if (context.gradient(1) != null) {
            Tensor ofProbabilities = Ops.apply(new SoftmaxGradient(false), context.gradient(1), context.output(1));
            gradients[0] = ofLoss == null ? ofProbabilities : ofLoss.add(ofProbabilities);
        }
        return gradients;
    }
}
