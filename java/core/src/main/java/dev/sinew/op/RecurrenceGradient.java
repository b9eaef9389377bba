package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_recurrent_args;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link Recurrence}, by going back through the steps (Werbos 1990). Inputs: weight, y; gates and the array
 * behind y of a gated net; h0, c0 and lengths where the forward pass had them; those of dy, dhn, dcn that there are. Outputs:
 * dgx, dh0, dc0 for the LSTM, and where asked for dweight and dbias (if there is a bias), each one product over all steps.
 *
 * @param of the forward operation
 * @param dy whether the gradient of y is given, else it is 0
 * @param dhn whether that of the last h is
 * @param dcn whether that of the last c is, for the LSTM
 * @param weights whether dweight and dbias are wanted
 */
public record RecurrenceGradient(Recurrence of, boolean dy, boolean dhn, boolean dcn, boolean weights) implements Op {
    /** Checks that the operation is there. */
    public RecurrenceGradient {
        Objects.requireNonNull(of, "recurrence_gradient: of");
        if (dcn && of.kind() != Recurrence.Kind.LSTM) {
            throw new IllegalArgumentException("recurrence_gradient: only the LSTM has a c, not " + of.kind());
        }
    }

    @Override
    public String name() {
        return of.name() + "_gradient";
    }

    private boolean lstm() {
        return of.kind() == Recurrence.Kind.LSTM;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int gated = of.kind().isGated() ? 2 : 0;
        int states = of.initial() ? lstm() ? 2 : 1 : 0;
        int lengths = 2 + gated + states;
        int first = lengths + (of.lengths() ? 1 : 0);
        int count = first + (dy ? 1 : 0) + (dhn ? 1 : 0) + (dcn ? 1 : 0);
        Ops.arity(this, inputs, count, count);
        Ops.floating(this, inputs, java.util.stream.IntStream.range(0, count).filter(i -> i < lengths || i >= first).toArray());
        Check.rank(this, inputs, 0, 2, "[" + of.kind().gates() + " H, H]");
        Check.rank(this, inputs, 1, 3, "[T, N, H]");
        Spec weight = inputs.get(0);
        Spec y = inputs.get(1);
        long hidden = y.shape().dim(2);
        long width = of.kind().gates() * hidden;
        Check.shape(this, inputs, 0, Shape.of(width, hidden), "the weight");
        Spec gx = y.withShape(Check.result(this, inputs, y.shape().dim(0), y.shape().dim(1), width));
        Spec state = y.withShape(y.shape().withoutFirst());
        if (gated > 0) {
            Check.shape(this, inputs, 2, gx.shape(), "the gates");
            Check.shape(this, inputs, 3, y.shape(), "what is kept for the gradient");
        }
        for (int i = 2 + gated; i < lengths; i++) {
            Check.shape(this, inputs, i, state.shape(), i == 2 + gated ? "h0" : "c0");
        }
        if (of.lengths()) {
            Check.dtype(this, inputs, lengths, DType.I32, "the lengths");
            Check.shape(this, inputs, lengths, Shape.of(state.shape().dim(0)), "the lengths");
        }
        for (int i = first; i < count; i++) {
            boolean isDy = dy && i == first;
            Check.shape(this, inputs, i, isDy ? y.shape() : state.shape(), isDy ? "dy" : "the gradient of the last state");
        }
        List<Spec> outputs = new ArrayList<>(List.of(gx, state));
        if (lstm()) {
            outputs.add(state);
        }
        if (weights) {
            outputs.add(weight);
            if (of.bias()) {
                outputs.add(y.withShape(Shape.of(width)));
            }
        }
        return outputs;
    }

    /** dgx may be the gates: each element is read before it is overwritten. */
    @Override
    public boolean inPlace(int i) {
        return of.kind().isGated() && i == 2;
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_RECURRENT_BACKWARD(), call.output(0));
        call.in(args, sn_recurrent_args.weight$offset(), 0);
        call.in(args, sn_recurrent_args.y$offset(), 1);
        int in = 2;
        if (of.kind().isGated()) {
            call.in(args, sn_recurrent_args.gates$offset(), in++);
            call.in(args, sn_recurrent_args.extra$offset(), in++);
        }
        in = of.stateAndLengths(call, args, in);
        if (dy) {
            call.in(args, sn_recurrent_args.dy$offset(), in++);
        }
        if (dhn) {
            call.in(args, sn_recurrent_args.dhn$offset(), in++);
        }
        if (dcn) {
            call.in(args, sn_recurrent_args.dcn$offset(), in);
        }
        int out = 0;
        call.out(args, sn_recurrent_args.dgx$offset(), out++);
        call.out(args, sn_recurrent_args.dh0$offset(), out++);
        if (lstm()) {
            call.out(args, sn_recurrent_args.dc0$offset(), out++);
        }
        if (weights) {
            call.out(args, sn_recurrent_args.dweight$offset(), out++);
            if (of.bias()) {
                call.out(args, sn_recurrent_args.dbias$offset(), out);
            }
        }
        call.workspace(args, sn_recurrent_args.workspace$offset(), sn_recurrent_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(a second derivative through time)");
    }

    @Override
    public long flops(List<Spec> inputs) {
        Shape y = inputs.get(1).shape();
        return (weights ? 4L : 2L) * y.count() * inputs.get(0).shape().dim(0);
    }
}
