package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Recurrent;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;

/**
 * A recurrent net over the steps of a sample [T, C]: LSTM, GRU or a plain net; see {@link Recurrent} for the equations and
 * the names of the parameters, which are PyTorch's.
 *
 * <p>Samples of different numbers of steps are padded to T steps, and a second input has their numbers, from 0 to T: steps
 * behind a sample's own change neither its state nor a gradient, their results are 0, and its last step is its own (PyTorch's
 * packed sequences).
 *
 * {@snippet :
 * var g = Network.graph();
 * var x = g.input("x", 50, 8);
 * var lengths = g.input("lengths", DType.I32);                     // one number a sample
 * var steps = g.layer(RecurrentLayer.lstm(64).bidirectional().returningSequences(), x, lengths);
 * var last = g.layer(LastStep.bidirectional(), steps, lengths);    // where both are needed
 * }
 *
 * @param net which net: layers, directions, biases, dropout between the layers; its seed and the order of batch and time are
 *     the layer's business
 * @param hidden H, the size of the state
 * @param sequences whether the result is the state at every step, [T, H], and not at the last one, [H]; 2 H in both
 *     directions, the backward one ending at the first step
 */
public record RecurrentLayer(Recurrent net, long hidden, boolean sequences) implements Join {
    /** Checks the numbers. */
    public RecurrentLayer {
        Objects.requireNonNull(net, "net");
        Layers.positive("recurrent: hidden", hidden);
    }

    /** Long short-term memory, one layer forwards; the state after the last step. */
    public static RecurrentLayer lstm(long hidden) {
        return new RecurrentLayer(Recurrent.lstm(), hidden, false);
    }

    /** Gated recurrent units, one layer forwards; the state after the last step. */
    public static RecurrentLayer gru(long hidden) {
        return new RecurrentLayer(Recurrent.gru(), hidden, false);
    }

    /** A plain net with tanh, one layer forwards; the state after the last step. */
    public static RecurrentLayer rnn(long hidden) {
        return new RecurrentLayer(Recurrent.rnn(), hidden, false);
    }

    /** With the states of all steps. */
    public RecurrentLayer returningSequences() {
        return new RecurrentLayer(net, hidden, true);
    }

    /** With so many layers, one reading the other's states. */
    public RecurrentLayer layers(int number) {
        return new RecurrentLayer(net.layers(number), hidden, sequences);
    }

    /** In both directions. */
    public RecurrentLayer bidirectional() {
        return new RecurrentLayer(net.bidirectional(), hidden, sequences);
    }

    /** With dropout between the layers, in training. */
    public RecurrentLayer dropout(double p) {
        return new RecurrentLayer(net.dropout(p, net.seed()), hidden, sequences);
    }

    @Override
    public String kind() {
        return switch (net.kind()) {
            case LSTM -> "lstm";
            case GRU -> "gru";
            case RNN_TANH, RNN_RELU -> "rnn";
        };
    }

    private long width() {
        return net.bothDirections() ? 2 * hidden : hidden;
    }

    @Override
    public Shape output(List<Shape> inputs) {
        Layers.lengths(kind(), inputs);
        Shape input = inputs.getFirst();
        if (input.rank() != 2) {
            throw Layers.rank(kind(), input, 2, "[steps, features]");
        }
        return sequences ? Shape.of(input.dim(0), width()) : Shape.of(width());
    }

    @Override
    public List<ParameterSpec> parameters(List<Shape> inputs) {
        Initializer initializer = new Initializer.FanUniform(hidden);
        return net.parameters(inputs.getFirst().dim(1), hidden).entrySet().stream().map(p -> ParameterSpec.of(p.getKey(), p.getValue(), initializer))
                .toList();
    }

    @Override
    public Tensor apply(Context context, List<Tensor> inputs) {
        Tensor x = inputs.getFirst();
        Tensor lengths = inputs.size() == 1 ? null : inputs.get(1).reshape(x.shape().dim(0)).cast(DType.I32);
        Recurrent batches = net.batchesFirst();
        boolean dropping = context.training() && net.dropout() > 0 && net.layers() > 1;
        Recurrent seeded = dropping ? batches.dropout(net.dropout(), context.seed()) : batches;
        Recurrent.Result r = seeded.apply(context::parameter, x, null, lengths, dropping ? context.step() : null);
        return sequences ? r.y() : last(r.state().h());
    }

    /** The last layer's final state, [N, H], both directions beside each other. */
    private Tensor last(Tensor h) {
        long directions = net.bothDirections() ? 2 : 1;
        Tensor of = h.slice(0, h.shape().dim(0) - directions, directions);
        long batch = h.shape().dim(1);
        return directions == 1 ? of.reshape(batch, hidden) : of.permute(1, 0, 2).reshape(batch, 2 * hidden);
    }

    @Override
    public String sizeFormula(List<Shape> inputs) {
        long steps = inputs.getFirst().dim(0);
        String size = net.bothDirections() ? "2*" + hidden + " = " + width() : "" + hidden;
        return sequences ? steps + " steps of " + size : size + " after " + steps + " steps";
    }

    @Override
    public String parameterFormula(List<Shape> inputs) {
        StringJoiner sum = new StringJoiner(" + ");
        long width = inputs.getFirst().dim(1);
        for (int layer = 0; layer < net.layers(); layer++) {
            String each = net.kind().gates() + "*" + hidden + "*(" + width + " + " + hidden + (net.bias() ? " + 2)" : ")");
            sum.add(net.bothDirections() ? "2*" + each : each);
            width = width();
        }
        return sum.toString();
    }
}
