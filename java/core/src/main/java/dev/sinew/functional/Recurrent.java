package dev.sinew.functional;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import dev.sinew.op.Recurrence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Recurrent nets of one or more layers, in one or both directions, with parameters laid out and named as PyTorch's: for
 * layer k {@code weight_ih_lk} [G H, I], {@code weight_hh_lk} [G H, H], {@code bias_ih_lk} and {@code bias_hh_lk} [G H], with
 * {@code _reverse} behind the name for the backward direction; G and the equations stand at {@link Recurrence}. Layers above
 * the first have I = H, or 2 H in both directions.
 *
 * {@snippet :
 * Recurrent net = Recurrent.lstm().layers(2).bidirectional();
 * Recurrent.Result r = net.apply(parameters::get, x);              // x [T, N, I]; r.y() [T, N, 2 H]
 * r = net.apply(parameters::get, chunk, r.state().detach(), null, null);
 * }
 *
 * @param kind the equations
 * @param layers at least 1
 * @param bias whether the two biases are there
 * @param bothDirections whether a second net reads every layer's input from its end; the outputs stand one after the other
 * @param batchFirst whether x and y are [N, T, C] instead of [T, N, C]
 * @param dropout of the outputs of all layers but the last, in training: 0 to 1
 * @param seed of the dropout
 */
public record Recurrent(Recurrence.Kind kind, int layers, boolean bias, boolean bothDirections, boolean batchFirst, double dropout,
        long seed) {
    /**
     * The state between two steps.
     *
     * @param h [layers * directions, N, H]: layer by layer, the forward direction first
     * @param c the same for the LSTM, else null
     */
    public record State(Tensor h, Tensor c) {
        /** The same values without their history: gradients end here (truncated back-propagation through time). */
        public State detach() {
            return new State(h.detach(), c == null ? null : c.detach());
        }

        /** Values in memory of the scope that is open now, without their history. */
        public State copy() {
            return new State(h.copy(), c == null ? null : c.copy());
        }
    }

    /**
     * What a net gives.
     *
     * @param y the last layer's h for every step, [T, N, H], or 2 H in both directions; batch first where asked for
     * @param state after each sample's last step (in the backward direction: its first)
     */
    public record Result(Tensor y, State state) {}

    /** Checks the numbers. */
    public Recurrent {
        Objects.requireNonNull(kind, "recurrent: kind");
        if (layers < 1) {
            throw new IllegalArgumentException("recurrent: layers must be at least 1, not " + layers);
        }
        if (!(dropout >= 0 && dropout <= 1)) {
            throw new IllegalArgumentException("recurrent: dropout must be from 0 to 1, not " + dropout);
        }
    }

    /** One layer, forwards, with biases, [T, N, C], without dropout. */
    public static Recurrent of(Recurrence.Kind kind) {
        return new Recurrent(kind, 1, true, false, false, 0, 0);
    }

    /** Long short-term memory. */
    public static Recurrent lstm() {
        return of(Recurrence.Kind.LSTM);
    }

    /** Gated recurrent units. */
    public static Recurrent gru() {
        return of(Recurrence.Kind.GRU);
    }

    /** A plain net with tanh. */
    public static Recurrent rnn() {
        return of(Recurrence.Kind.RNN_TANH);
    }

    /** With so many layers. */
    public Recurrent layers(int number) {
        return new Recurrent(kind, number, bias, bothDirections, batchFirst, dropout, seed);
    }

    /** Without biases. */
    public Recurrent noBias() {
        return new Recurrent(kind, layers, false, bothDirections, batchFirst, dropout, seed);
    }

    /** In both directions (Schuster, Paliwal 1997). */
    public Recurrent bidirectional() {
        return new Recurrent(kind, layers, bias, true, batchFirst, dropout, seed);
    }

    /** With x and y as [N, T, C]. */
    public Recurrent batchesFirst() {
        return new Recurrent(kind, layers, bias, bothDirections, true, dropout, seed);
    }

    /** With dropout between the layers. */
    public Recurrent dropout(double p, long seedOfDropout) {
        return new Recurrent(kind, layers, bias, bothDirections, batchFirst, p, seedOfDropout);
    }

    private int directions() {
        return bothDirections ? 2 : 1;
    }

    /** Names and shapes of the parameters, in PyTorch's order. */
    public Map<String, Shape> parameters(long inputs, long hidden) {
        Map<String, Shape> all = new LinkedHashMap<>();
        long rows = kind.gates() * hidden;
        for (int layer = 0; layer < layers; layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                String suffix = suffix(layer, direction);
                all.put("weight_ih" + suffix, Shape.of(rows, layer == 0 ? inputs : hidden * directions()));
                all.put("weight_hh" + suffix, Shape.of(rows, hidden));
                if (bias) {
                    all.put("bias_ih" + suffix, Shape.of(rows));
                    all.put("bias_hh" + suffix, Shape.of(rows));
                }
            }
        }
        return all;
    }

    private static String suffix(int layer, int direction) {
        return "_l" + layer + (direction == 0 ? "" : "_reverse");
    }

    /** Applies the net to whole sequences from a state of zeros, without dropout. */
    public Result apply(Function<String, Tensor> parameters, Tensor x) {
        return apply(parameters, x, null, null, null);
    }

    /**
     * Applies the net.
     *
     * @param parameters gives a parameter by its name, such as {@code Map::get}
     * @param x [T, N, I], or [N, T, I] with the batch first
     * @param initial the state before the first step; null: zeros
     * @param lengths int32 [N]: sample n has the first lengths[n] steps, 0 to T, the others are padding: y is 0 there (what
     *     PyTorch's packed sequences give); null: all have T
     * @param step the number of the training step (int64 scalar), for dropout; null in inference: no dropout
     * @throws IllegalArgumentException naming the operation and the shapes that do not fit, or the parameter that is missing
     */
    public Result apply(Function<String, Tensor> parameters, Tensor x, State initial, Tensor lengths, Tensor step) {
        if (x.shape().rank() != 3) {
            throw new IllegalArgumentException("recurrent: x must have shape " + (batchFirst ? "[N, T, I]" : "[T, N, I]") + ", not "
                    + x.shape());
        }
        Tensor y = batchFirst ? x.permute(1, 0, 2) : x;
        checkState(initial, y.shape().dim(1));
        List<Tensor> h = new ArrayList<>();
        List<Tensor> c = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            Tensor[] outputs = new Tensor[directions()];
            for (int direction = 0; direction < outputs.length; direction++) {
                outputs[direction] = direction(parameters, suffix(layer, direction), direction == 1, y, initial, lengths, h, c);
            }
            y = outputs.length == 1 ? outputs[0] : Tensor.concat(2, outputs);
            if (dropout > 0 && step != null && layer + 1 < layers) {
                y = y.dropout(dropout, dev.sinew.Seed.of(seed).derive("layer " + layer).value(), step);
            }
        }
        return new Result(batchFirst ? y.permute(1, 0, 2) : y, new State(stacked(h), c.isEmpty() ? null : stacked(c)));
    }

    private void checkState(State initial, long batch) {
        if (initial == null) {
            return;
        }
        boolean lstm = kind == Recurrence.Kind.LSTM;
        if (lstm != (initial.c != null)) {
            throw new IllegalArgumentException("recurrent: the state of " + kind + (lstm ? " needs h and c" : " has no c"));
        }
        for (Tensor part : Ops.present(initial.h, initial.c)) {
            if (part.shape().rank() != 3 || part.shape().dim(0) != (long) layers * directions() || part.shape().dim(1) != batch) {
                throw new IllegalArgumentException("recurrent: the state must have shape [" + layers * directions() + ", " + batch
                        + ", H], not " + part.shape());
            }
        }
    }

    /** One layer in one direction; the final state goes to the lists, whose sizes tell which state it begins with. */
    private Tensor direction(Function<String, Tensor> parameters, String suffix, boolean reverse, Tensor x, State initial, Tensor lengths,
            List<Tensor> h, List<Tensor> c) {
        Tensor ih = parameter(parameters, "weight_ih" + suffix);
        Tensor hh = parameter(parameters, "weight_hh" + suffix);
        long steps = x.shape().dim(0);
        long batch = x.shape().dim(1);
        Tensor rows = x.reshape(steps * batch, x.shape().dim(2));
        Tensor gates = Ops.apply(new Gemm(false, true), Ops.present(rows, ih, bias ? parameter(parameters, "bias_ih" + suffix) : null));
        Recurrence op = new Recurrence(kind, reverse, bias, initial != null, lengths != null);
        int index = h.size();
        Tensor[] out = Ops.applyAll(op, Ops.present(gates.reshape(steps, batch, gates.shape().dim(1)), hh,
                bias ? parameter(parameters, "bias_hh" + suffix) : null, initial == null ? null : part(initial.h, index),
                initial == null || initial.c == null ? null : part(initial.c, index), lengths));
        h.add(out[op.stateOutput()]);
        if (kind == Recurrence.Kind.LSTM) {
            c.add(out[op.stateOutput() + 1]);
        }
        return out[op.yOutput()];
    }

    private static Tensor parameter(Function<String, Tensor> parameters, String name) {
        Tensor tensor = parameters.apply(name);
        if (tensor == null) {
            throw new IllegalArgumentException("recurrent: the parameter " + name + " is missing");
        }
        return tensor;
    }

    private static Tensor part(Tensor state, int index) {
        return state.slice(0, index, 1).reshape(state.shape().dim(1), state.shape().dim(2));
    }

    private static Tensor stacked(List<Tensor> states) {
        Tensor[] parts = states.stream().map(s -> s.reshape(1, s.shape().dim(0), s.shape().dim(1))).toArray(Tensor[]::new);
        return parts.length == 1 ? parts[0] : Tensor.concat(0, parts);
    }

    /**
     * A long sequence in pieces of {@code length} steps, the last one possibly shorter: for truncated back-propagation
     * through time (Williams, Peng 1990), where each piece begins with the detached state of the one before.
     *
     * @param x steps along the first dimension, or the second with the batch first
     * @param length at least 1
     */
    public List<Tensor> chunks(Tensor x, long length) {
        int dim = batchFirst ? 1 : 0;
        if (x.shape().rank() <= dim || length < 1) {
            throw new IllegalArgumentException("recurrent: " + x.shape() + " has no chunks of " + length + " steps along dimension " + dim);
        }
        List<Tensor> chunks = new ArrayList<>();
        long steps = x.shape().dim(dim);
        for (long from = 0; from < steps; from += length) {
            chunks.add(x.slice(dim, from, Math.min(length, steps - from)));
        }
        return chunks;
    }
}
