package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_recurrent_args;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One direction of one recurrent layer over a whole sequence of T steps, T being 1 for a cell. With h' and c' the state
 * before a step and hh = h' weight^T + bias:
 *
 * <ul>
 * <li>{@code RNN_TANH}, {@code RNN_RELU}: h = tanh(gx + hh) or relu(gx + hh) (Elman 1990)
 * <li>{@code LSTM}, gates in the order i, f, g, o: c = f c' + i g, h = o tanh(c), with i, f, o = sigmoid(gx + hh) and
 *     g = tanh(gx + hh) (Hochreiter, Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000)
 * <li>{@code GRU}, gates in the order r, z, n: h = (1 - z) n + z h', with r, z = sigmoid(gx + hh) and n = tanh(gx + r hh)
 *     (Cho et al. 2014, equations 5 to 8, the reset gate applied behind the product)
 * </ul>
 *
 * <p>Inputs: gx [T, N, G H], the input's share of the gates (x W^T + b, one product for all steps); weight [G H, H]; bias
 * [G H] if asked for; h0 [N, H] and, for the LSTM, c0 [N, H] if asked for, else zeros; lengths, int32 [N], if asked for.
 * Sample n has the first lengths[n] of the T steps (0 to T): beyond them y is 0 and the state stays, so that the final state
 * is that at the length, and the backward direction begins at each sample's own end. Padding must be finite: it takes no
 * part, but is multiplied by zeros in the gradient of an input's weight.
 *
 * <p>Outputs: y [T, N, H] and hn [N, H] of a plain net; gates [T, N, G H], y, an array [T, N, H] (c, or the GRU's hh of gate
 * n), hn and, for the LSTM, cn. Gates and that array are there for the gradient and have none themselves.
 *
 * @param kind which net
 * @param reverse whether the last step comes first
 * @param bias whether there is one
 * @param initial whether the first state is given
 * @param lengths whether the samples' lengths are given
 */
public record Recurrence(Kind kind, boolean reverse, boolean bias, boolean initial, boolean lengths) implements Op {
    /** The nets. */
    public enum Kind {
        /** h = tanh(gx + hh). */
        RNN_TANH(Sinew.SN_RNN_TANH(), 1),
        /** h = relu(gx + hh). */
        RNN_RELU(Sinew.SN_RNN_RELU(), 1),
        /** Long short-term memory. */
        LSTM(Sinew.SN_LSTM(), 4),
        /** Gated recurrent unit. */
        GRU(Sinew.SN_GRU(), 3);

        private final int code;
        private final int gates;

        Kind(int code, int gates) {
            this.code = code;
            this.gates = gates;
        }

        int code() {
            return code;
        }

        /** G, the number of gates. */
        public int gates() {
            return gates;
        }

        /** Whether there are arrays for the gradient: LSTM and GRU. */
        boolean isGated() {
            return gates > 1;
        }
    }

    /** Checks that the kind is there. */
    public Recurrence {
        Objects.requireNonNull(kind, "recurrence: kind");
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Where y stands among the outputs. */
    public int yOutput() {
        return kind.isGated() ? 1 : 0;
    }

    /** Where the final h stands among the outputs; the LSTM's final c is behind it. */
    public int stateOutput() {
        return kind.isGated() ? 3 : 1;
    }

    private int stateInput() {
        return bias ? 3 : 2;
    }

    private int states() {
        return !initial ? 0 : kind == Kind.LSTM ? 2 : 1;
    }

    private int lengthsInput() {
        return stateInput() + states();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        int count = lengthsInput() + (lengths ? 1 : 0);
        Ops.arity(this, inputs, count, count);
        Ops.floating(this, inputs, java.util.stream.IntStream.range(0, lengthsInput()).toArray());
        Check.rank(this, inputs, 0, 3, "[T, N, " + (kind.gates == 1 ? "H]" : kind.gates + " H]"));
        Check.rank(this, inputs, 1, 2, "[" + kind.gates + " H, H]");
        Spec gx = inputs.get(0);
        long width = gx.shape().dim(2);
        long hidden = inputs.get(1).shape().dim(1);
        if (inputs.get(1).shape().dim(0) != kind.gates * hidden || width != kind.gates * hidden) {
            throw Ops.error(this, inputs, "with " + kind.gates + " gates of H = " + hidden + " the weight must be [" + kind.gates * hidden
                    + ", " + hidden + "] and gx [T, N, " + kind.gates * hidden + "]");
        }
        Shape state = Shape.of(gx.shape().dim(1), hidden);
        if (bias) {
            Check.shape(this, inputs, 2, Shape.of(width), "the bias");
        }
        for (int i = stateInput(); i < lengthsInput(); i++) {
            Check.shape(this, inputs, i, state, i == stateInput() ? "h0" : "c0");
        }
        if (lengths) {
            Check.dtype(this, inputs, lengthsInput(), DType.I32, "the lengths");
            Check.shape(this, inputs, lengthsInput(), Shape.of(state.dim(0)), "the lengths");
        }
        Spec y = gx.withShape(Shape.of(gx.shape().dim(0), state.dim(0), hidden));
        Spec last = gx.withShape(state);
        return switch (kind) {
            case RNN_TANH, RNN_RELU -> List.of(y, last);
            case GRU -> List.of(gx, y, y, last);
            case LSTM -> List.of(gx, y, y, last, last);
        };
    }

    /** Output 0 may be gx: each element is read before it is overwritten. */
    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_RECURRENT_FORWARD(), call.input(0));
        call.in(args, sn_recurrent_args.gx$offset(), 0);
        call.in(args, sn_recurrent_args.weight$offset(), 1);
        if (bias) {
            call.in(args, sn_recurrent_args.bias$offset(), 2);
        }
        stateAndLengths(call, args, stateInput());
        if (kind.isGated()) {
            call.out(args, sn_recurrent_args.gates$offset(), 0);
            call.out(args, sn_recurrent_args.extra$offset(), 2);
        }
        call.out(args, sn_recurrent_args.y$offset(), yOutput());
        call.out(args, sn_recurrent_args.hn$offset(), stateOutput());
        if (kind == Kind.LSTM) {
            call.out(args, sn_recurrent_args.cn$offset(), stateOutput() + 1);
        }
        call.workspace(args, sn_recurrent_args.workspace$offset(), sn_recurrent_args.workspace_bytes$offset());
    }

    /** Begins a call with kind and sizes. */
    MemorySegment begin(Call call, int code, Spec gx) {
        var args = call.begin(code, sn_recurrent_args.layout());
        sn_recurrent_args.dtype(args, gx.dtype().code());
        sn_recurrent_args.kind(args, kind.code);
        sn_recurrent_args.reverse(args, reverse ? 1 : 0);
        sn_recurrent_args.steps(args, gx.shape().dim(0));
        sn_recurrent_args.batch(args, gx.shape().dim(1));
        sn_recurrent_args.hidden(args, gx.shape().dim(2) / kind.gates);
        return args;
    }

    /** Writes h0, c0 and lengths, those that there are, from input {@code i} on; returns the next input. */
    int stateAndLengths(Call call, MemorySegment args, int i) {
        int next = i;
        if (initial) {
            call.in(args, sn_recurrent_args.h0$offset(), next++);
            if (kind == Kind.LSTM) {
                call.in(args, sn_recurrent_args.c0$offset(), next++);
            }
        }
        if (lengths) {
            call.in(args, sn_recurrent_args.lengths$offset(), next++);
        }
        return next;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (kind.isGated() && (context.gradient(0) != null || context.gradient(2) != null)) {
            throw context.noRule("by way of its gates");
        }
        Tensor dy = context.gradient(yOutput());
        Tensor dhn = context.gradient(stateOutput());
        Tensor dcn = kind == Kind.LSTM ? context.gradient(stateOutput() + 1) : null;
        boolean weights = context.needs(1) || bias && context.needs(2);
        List<Tensor> in = new ArrayList<>(List.of(context.input(1), context.output(yOutput())));
        if (kind.isGated()) {
            in.add(context.output(0));
            in.add(context.output(2));
        }
        for (int i = stateInput(); i < context.inputs(); i++) {
            in.add(context.input(i));
        }
        for (Tensor gradient : Ops.present(dy, dhn, dcn)) {
            in.add(gradient);
        }
        Tensor[] found = Ops.applyAll(new RecurrenceGradient(this, dy != null, dhn != null, dcn != null, weights),
                in.toArray(Tensor[]::new));
        Tensor[] gradients = new Tensor[context.inputs()];
        int next = 0;
        gradients[0] = found[next++];
        for (int i = 0; i < (kind == Kind.LSTM ? 2 : 1); i++) {
            if (initial) {
                gradients[stateInput() + i] = found[next];
            }
            next++;
        }
        if (weights) {
            gradients[1] = found[next++];
            if (bias) {
                gradients[2] = found[next];
            }
        }
        return gradients;
    }

    @Override
    public long flops(List<Spec> inputs) {
        return 2 * inputs.get(0).shape().count() * inputs.get(1).shape().dim(1);
    }
}
