package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.functional.Recurrent;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.LastStep;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.RecurrentLayer;
import dev.sinew.nn.Value;
import dev.sinew.op.Recurrence;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.Arrays;
import java.util.List;

/** Trainings of recurrent nets on padded sequences. */
final class GoldenPadded {
    private GoldenPadded() {}

    /**
     * Some steps of a compiled training.
     *
     * @param byLastStep whether the last states are taken from those of all steps
     */
    @SuppressWarnings("try") // the scope frees everything
    static void run(GoldenCase given, DType type, boolean byLastStep) {
        try (Scope scope = Scope.open(); Network net = net(given, type, byLastStep)) {
            net.parameters().forEach((name, tensor) -> tensor.copyFrom(given.inputs().get(name).tensor(type)));
            int steps = (int) given.whole("steps");
            double[] losses = new double[steps];
            double rate = given.number("lr");
            int batch = (int) given.inputs().get("x").sizes()[0];
            Tensor target = given.inputs().get("target").tensor(type);
            try (TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(rate)).compile(batch)) {
                for (int i = 0; i < steps; i++) {
                    Tensor x = given.inputs().get("x").tensor(type);
                    losses[i] = step.step(List.of(x, given.inputs().get("lengths").tensor(type)), List.of(target), rate);
                }
            }
            Compare compare = new Compare(given.toString());
            check(compare, "losses", losses, given, type);
            net.parameters().forEach((name, tensor) -> check(compare, name, tensor.toDoubles(), given, type));
            compare.fail();
        }
    }

    private static Network net(GoldenCase given, DType type, boolean byLastStep) {
        Recurrent net = Recurrent.of(switch (given.text("kind")) {
            case "lstm" -> Recurrence.Kind.LSTM;
            case "gru" -> Recurrence.Kind.GRU;
            default -> Recurrence.Kind.RNN_TANH;
        }).layers((int) given.whole("layers"));
        RecurrentLayer layer = new RecurrentLayer(given.flag("both") ? net.bidirectional() : net, given.whole("hidden"), byLastStep);
        long[] x = given.inputs().get("x").sizes();
        GraphBuilder g = Network.graph();
        Value sequence = g.input("x", x[1], x[2]);
        Value lengths = g.input("lengths", DType.I32);
        Value states = g.layer(layer, sequence, lengths);
        Value last = byLastStep ? g.layer(new LastStep(given.flag("both")), states, lengths) : states;
        return g.output(last.dense(2)).build(Seed.of(1), type);
    }

    /** A step rounds sums over the batch and all steps of each sequence, of terms up to about 1. */
    private static void check(Compare compare, String name, double[] actual, GoldenCase given, DType type) {
        GoldenCase.Array expected = given.outputs().get(name);
        double[] bounds = new double[actual.length];
        Arrays.fill(bounds, (type == DType.F32 ? 0x1p-24 : 0x1p-52) * 16 * given.whole("steps") * Math.max(1, expected.largest()));
        compare.check(name, actual, expected, bounds);
    }
}
