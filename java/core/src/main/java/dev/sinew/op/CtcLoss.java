package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_ctc_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Connectionist temporal classification (Graves, Fernandez, Gomez, Schmidhuber 2006): -log of the probability of a sequence
 * of labels, summed over all of its alignments with the steps. An alignment names a class or the blank at every step;
 * without repetitions and then without blanks it is the labels.
 *
 * <p>Inputs: log-probabilities [T, N, C], as log-softmax gives them; int32 labels [N, S], each a class but not the blank;
 * int32 numbers of steps [N], 0 to T; int32 numbers of labels [N], 0 to S. Output: a scalar, or [N] without reduction. The
 * mean divides each sample's loss by its number of labels (at least 1) and is the mean of these. Computed in float64 with
 * the logarithms of equations 6 to 8. The gradient is that with respect to the log-probabilities (equation 15 without what
 * comes from softmax); that of a loss without any alignment is NaN.
 *
 * @param reduction what is made of the samples' losses
 * @param blank the class of the blank, from 0 to C - 1
 * @param zeroInfinity whether infinite losses (labels that do not fit into the steps) count as 0, their gradients too
 */
public record CtcLoss(Reduction reduction, long blank, boolean zeroInfinity) implements Op {
    /** Checks the numbers. */
    public CtcLoss {
        Objects.requireNonNull(reduction, "ctc_loss: reduction");
        if (blank < 0) {
            throw new IllegalArgumentException("ctc_loss: blank must be at least 0, not " + blank);
        }
    }

    @Override
    public String name() {
        return "ctc_loss";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 4, 4);
        check(this, inputs);
        Spec x = inputs.getFirst();
        return List.of(reduction.of(x.withShape(Shape.of(x.shape().dim(1)))));
    }

    /** The first four inputs of the loss and of its gradient. */
    void check(Op op, List<Spec> inputs) {
        Ops.floating(op, inputs, 0);
        Check.rank(op, inputs, 0, 3, "[T, N, C]");
        Check.rank(op, inputs, 1, 2, "[N, S]");
        Shape x = inputs.getFirst().shape();
        Check.shape(op, inputs, 1, Shape.of(x.dim(1), inputs.get(1).shape().dim(1)), "the labels");
        String[] what = {"", "the labels", "the numbers of steps", "the numbers of labels"};
        for (int i = 1; i <= 3; i++) {
            Check.dtype(op, inputs, i, DType.I32, what[i]);
        }
        Check.shape(op, inputs, 2, Shape.of(x.dim(1)), what[2]);
        Check.shape(op, inputs, 3, Shape.of(x.dim(1)), what[3]);
        if (blank >= x.dim(2)) {
            throw Ops.error(op, inputs, "the blank " + blank + " is none of the " + x.dim(2) + " classes");
        }
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_CTC_FORWARD());
        call.out(args, sn_ctc_args.loss$offset(), 0);
        call.workspace(args, sn_ctc_args.workspace$offset(), sn_ctc_args.workspace_bytes$offset());
    }

    /** Begins a call with the first four inputs. */
    MemorySegment begin(Call call, int code) {
        var args = call.begin(code, sn_ctc_args.layout());
        Shape x = call.input(0).shape();
        sn_ctc_args.dtype(args, call.input(0).dtype().code());
        sn_ctc_args.reduction(args, reduction.code());
        sn_ctc_args.zero_infinity(args, zeroInfinity ? 1 : 0);
        sn_ctc_args.steps(args, x.dim(0));
        sn_ctc_args.batch(args, x.dim(1));
        sn_ctc_args.classes(args, x.dim(2));
        sn_ctc_args.longest(args, call.input(1).shape().dim(1));
        sn_ctc_args.blank(args, blank);
        call.in(args, sn_ctc_args.log_probs$offset(), 0);
        call.in(args, sn_ctc_args.targets$offset(), 1);
        call.in(args, sn_ctc_args.input_lengths$offset(), 2);
        call.in(args, sn_ctc_args.target_lengths$offset(), 3);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[4];
        gradients[0] = Ops.apply(new CtcLossGradient(this), context.input(0), context.input(1), context.input(2), context.input(3),
                context.dy());
        return gradients;
    }
}
