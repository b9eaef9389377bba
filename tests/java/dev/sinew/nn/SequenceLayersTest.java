package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.LiveMemory;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.functional.Attention;
import dev.sinew.functional.MultiHead;
import dev.sinew.functional.Recurrent;
import dev.sinew.functional.TransformerEncoder;
import dev.sinew.optim.Adam;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nets of layers for sequences. */
@ExtendWith(Scoped.class)
class SequenceLayersTest {
    private static final int STEPS = 40;
    private static final int BATCH = 32;

    /**
     * The adding problem (Hochreiter, Schmidhuber 1997, section 5.4): every step has a number from 0 to 1 and a mark, two of
     * which are 1, one in each half; the sum of the two marked numbers is asked for at the end.
     */
    private static Tensor[] batch(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[BATCH * STEPS * 2];
        float[] sums = new float[BATCH];
        for (int n = 0; n < BATCH; n++) {
            for (int t = 0; t < STEPS; t++) {
                x[(n * STEPS + t) * 2] = (float) random.nextDouble();
            }
            for (int half = 0; half < 2; half++) {
                int at = (n * STEPS + half * STEPS / 2 + random.nextInt(STEPS / 2)) * 2;
                x[at + 1] = 1;
                sums[n] += x[at];
            }
        }
        return new Tensor[] {Tensor.of(x, BATCH, STEPS, 2), Tensor.of(sums, BATCH, 1)};
    }

    /** The mean squared error on new sequences after some training. */
    private static double error(RecurrentLayer layer) {
        try (Network net = Network.input(STEPS, 2).layer(layer).dense(1).build(Seed.of(5)); Scope scope = Scope.open()) {
            try (TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(0.01)).compile(BATCH)) {
                for (int i = 0; i < 1000; i++) {
                    try (Scope each = Scope.open()) {
                        Tensor[] b = batch(i);
                        step.step(b[0], b[1], 0.01);
                    }
                }
            }
            double sum = 0;
            for (int i = 0; i < 8; i++) {
                Tensor[] b = batch(1_000_000 + i);
                sum += net.predict(b[0]).mseLoss(b[1]).item() / 8;
            }
            return sum;
        }
    }

    /** Who always answers 1 has an error of 1/6. */
    @Test
    void anLstmAddsWhatAPlainNetForgets() {
        assertThat(error(RecurrentLayer.lstm(16))).as("LSTM").isLessThan(0.03);
        assertThat(error(RecurrentLayer.rnn(16))).as("plain net").isGreaterThan(0.1);
    }

    @Test
    void layersAreTheFunctionsWithTheirParameters() {
        Tensor x = Tensor.normal(Shape.of(3, 5, 4), 0, 1, 1);
        RecurrentLayer layer = RecurrentLayer.gru(6).layers(2).bidirectional();
        try (Network last = Network.input(5, 4).layer(layer).build(Seed.of(2)); Network all = Network.input(5, 4)
                .layer(layer.returningSequences()).build(Seed.of(2));
                Network attention = Network.input(5, 4).layer(SelfAttention.of(2).seeingThePast()).build(Seed.of(3))) {
            Recurrent.Result r = Recurrent.gru().layers(2).bidirectional().batchesFirst().apply(name -> last.parameter("gru1." + name), x);
            Close.within("sequences", all.predict(x), r.y(), 1e-6, 1e-6);
            Tensor ends = Tensor.concat(1, r.y().slice(1, 4, 1).slice(2, 0, 6).reshape(3, 6), r.y().slice(1, 0, 1).slice(2, 6, 6)
                    .reshape(3, 6));
            Close.within("last states", last.predict(x), ends, 1e-6, 1e-6);
            Tensor y = MultiHead.of(4, 2).apply(name -> attention.parameter("attention1." + name), x, x, x,
                    Attention.causal(5, 5, x.dtype()), null).y();
            Close.within("attention", attention.predict(x), y, 1e-6, 1e-6);
        }
    }

    @Test
    void aNetOfIdsLearns() {
        try (Network net = Network.input(6).layer(Embedding.of(10, 8).padding(0)).layer(new Positions()).layer(SelfAttention.of(2))
                .layer(Linear.of(3))
                .build(Seed.of(1)); Scope scope = Scope.open()) {
            assertThat(net.architecture().output()).isEqualTo(Shape.of(6, 3));
            float[] before = net.parameter("embedding1.weight").toFloats();
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 0, 0, 9, 8, 7, 6, 5, 0}, 2, 6);
            try (TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(0.01)).compile(2)) {
                Tensor target = Tensor.normal(Shape.of(2, 6, 3), 0, 1, 4);
                double first = step.step(x, target, 0.01);
                double last = first;
                for (int i = 0; i < 60; i++) {
                    last = step.step(x, target, 0.01);
                }
                assertThat(last).isLessThan(0.5 * first);
            }
            float[] after = net.parameter("embedding1.weight").toFloats();
            for (int i = 0; i < 8; i++) {
                assertThat(after[i]).as("the padding's vector").isEqualTo(before[i]);
                assertThat(after[8 + i]).isNotEqualTo(before[8 + i]);
            }
            assertThatThrownBy(() -> net.predict(Tensor.of(new float[] {1, 2, 3, 4, 0, 10}, 1, 6)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("index_select(");
        }
    }

    private static GraphBuilder padded(RecurrentLayer layer) {
        GraphBuilder g = Network.graph();
        Value x = g.input("x", 7, 3);
        Value lengths = g.input("lengths", DType.I32);
        Value steps = g.layer(layer.returningSequences(), x, lengths).named("steps");
        Value last = g.layer(new LastStep(layer.net().bothDirections()), steps, lengths).named("last");
        return g.output(last.dense(1));
    }

    /** The results and the training have the same bits whatever stands behind the samples' own steps. */
    @Test
    void whatStandsInThePaddingDoesNotMatter() {
        Tensor lengths = Tensor.of(new int[] {7, 2, 0, 5}, 4);
        Tensor target = Tensor.normal(Shape.of(4, 1), 0, 1, 3);
        float[] clean = Tensor.normal(Shape.of(4, 7, 3), 0, 1, 4).toFloats();
        float[] dirty = clean.clone();
        for (int t = 0; t < 28; t++) {
            if (t % 7 >= new int[] {7, 2, 0, 5}[t / 7]) {
                Arrays.fill(dirty, t * 3, t * 3 + 3, 1e3f * (t + 1));
            }
        }
        for (RecurrentLayer layer : new RecurrentLayer[] {RecurrentLayer.rnn(5), RecurrentLayer.gru(5).layers(2), RecurrentLayer.lstm(5)
                .layers(2).bidirectional().dropout(0.3)}) {
            String[] hashes = new String[2];
            for (int k = 0; k < 2; k++) {
                Tensor x = Tensor.of(k == 0 ? clean : dirty, 4, 7, 3);
                try (Network net = padded(layer).build(Seed.of(6)); TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(0.01))
                        .compile(4)) {
                    float[] y = net.activations(Map.of("x", x, "lengths", lengths), "steps").get("steps").toFloats();
                    int width = y.length / 28;
                    for (int i = 2 * width; i < 7 * width; i++) {
                        assertThat(y[7 * width + i]).as("the state of a step that is padding").isZero();
                    }
                    for (int i = 0; i < 5; i++) {
                        step.step(List.of(x, lengths), List.of(target), 0.01);
                    }
                    hashes[k] = net.sha256();
                }
            }
            assertThat(hashes[1]).isEqualTo(hashes[0]);
        }
    }

    /** A sample of a data set has its number of steps behind its steps. */
    @Test
    void aTrainerTakesSequencesOfDifferentLengths() {
        int samples = 256;
        SplittableRandom random = new SplittableRandom(3);
        float[] x = new float[samples * 22];
        float[] sums = new float[samples];
        for (int n = 0; n < samples; n++) {
            int length = 1 + random.nextInt(7);
            for (int i = 0; i < 21; i++) {
                x[n * 22 + i] = (float) random.nextDouble();
                sums[n] += i < 3 * length ? x[n * 22 + i] / 7 : 0;
            }
            x[n * 22 + 21] = length;
        }
        Dataset data = ArrayDataset.of(x, Shape.of(22), sums, Shape.of(1));
        try (Network net = padded(RecurrentLayer.gru(16)).build(Seed.of(6))) {
            var training = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(0.01)).batch(32).epochs(60).seed(Seed.of(2)).fit(data);
            assertThat(training.evaluate(data).loss()).as("mean squared error").isLessThan(0.02);
        }
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        refused(() -> {
            GraphBuilder g = Network.graph();
            g.layer(RecurrentLayer.lstm(4), g.input("x", 7, 3), g.input("lengths", DType.I32, 7));
        }, "lstm1", "the second input is the number of steps, one for each sample, not [7]");
        refused(() -> {
            GraphBuilder g = Network.graph();
            Value x = g.input("x", 7, 3);
            g.layer(RecurrentLayer.lstm(4), x, x, x);
        }, "lstm1", "not 3 inputs");
        refused(() -> Network.input(7, 3).layer(LastStep.bidirectional()).architecture(), "laststep1", "an even number, not 3");
        refused(() -> Network.input(7).layer(LastStep.forwards()).architecture(), "laststep1", "[steps, states]");
        try (Network net = padded(RecurrentLayer.lstm(4)).build(Seed.of(1))) {
            Tensor x = Tensor.normal(Shape.of(2, 7, 3), 0, 1, 4);
            for (int wrong : new int[] {-1, 8}) {
                assertThatThrownBy(() -> net.predictAll(Map.of("x", x, "lengths", Tensor.of(new int[] {3, wrong}, 2))))
                        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("lstm");
            }
        }
    }

    /** The layer is the function with its parameters, their number is that of the formula, and it learns. */
    @Test
    void aTransformerIsTheFunctionWithItsParameters() {
        try (Network net = Network.input(6, 8).layer(TransformerLayer.of(2, 12).normFirst(true).seeingThePast()).build(Seed.of(1))) {
            Tensor x = Tensor.normal(Shape.of(3, 6, 8), 0, 1, 1);
            TransformerEncoder op = new TransformerEncoder(MultiHead.of(8, 2), 12, false, true, 0, 1e-5);
            Tensor y = op.apply(name -> net.parameter("transformer1." + name), x, Attention.causal(6, 6, x.dtype()), null);
            Close.within("transformer", net.predict(x), y, 1e-6, 1e-6);
            assertThat(net.architecture().parameterCount()).isEqualTo(4 * 9 * 8 + 9 * 12 + 13 * 8 + 4 * 8);
            assertThat(net.summary()).contains("4*(8 + 1)*8 + (8 + 1)*12 + (12 + 1)*8 + 4*8");
            try (TrainStep step = Trainer.of(net, Loss.meanSquaredError(), Adam.rate(0.01)).compile(3)) {
                Tensor target = Tensor.normal(Shape.of(3, 6, 8), 0, 1, 4);
                double first = step.step(x, target, 0.01);
                double last = first;
                for (int i = 0; i < 100; i++) {
                    last = step.step(x, target, 0.01);
                }
                assertThat(last).isLessThan(0.7 * first);
            }
        }
        refused(() -> Network.input(5, 6).layer(TransformerLayer.of(4, 3)).architecture(), "transformer1", "4 heads must divide the width 6");
        refused(() -> TransformerLayer.of(2, 0), "hidden must be at least 1");
    }

    @Test
    void theSummaryHasTheFormulas() {
        String summary = Network.input(5).layer(Embedding.of(10, 8)).layer(RecurrentLayer.lstm(6).bidirectional().returningSequences())
                .layer(SelfAttention.of(3)).layer(Linear.of(4)).layer(RecurrentLayer.rnn(7)).architecture().summary();
        assertThat(summary).contains("10 * 8", "5 ids of 8", "2*4*6*(8 + 6 + 2)", "5 steps of 2*6 = 12", "4 * (12 + 1) * 12",
                "3 heads of 12/3 = 4",
                "(12 + 1) * 4", "1*7*(4 + 7 + 2)", "7 after 5 steps", "[5, 12]", "768", "624");
    }

    @Test
    void badArgumentsAreRefused() {
        refused(() -> RecurrentLayer.lstm(0), "hidden must be at least 1, not 0");
        refused(() -> Network.input(5).layer(RecurrentLayer.lstm(3)).architecture(), "lstm1", "[steps, features]", "[5]");
        refused(() -> Network.input(5, 6).layer(SelfAttention.of(4)).architecture(), "attention1", "4 heads must divide the width 6");
        refused(() -> Network.input(5).layer(new Positions()).architecture(), "positions1", "[steps, features]");
        refused(() -> Embedding.of(10, 4).padding(10), "padding", "0 to 9", "not 10");
        refused(() -> Embedding.of(0, 4), "vocabulary must be at least 1");
        refused(() -> Linear.of(0), "units must be at least 1");
        refused(() -> SelfAttention.of(2).dropout(2), "dropout must be from 0 to 1");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void dropoutBetweenLayersActsInTraining() {
        long before = LiveMemory.settled();
        try (Network net = Network.input(4, 3).layer(RecurrentLayer.lstm(5).layers(2).dropout(0.5))
                .build(Seed.of(1)); Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(Shape.of(2, 4, 3), 0, 1, 1);
            Tensor step = Tensor.of(new long[] {1}).reshape();
            float[] plain = net.forward(x).toFloats();
            assertThat(net.forward(x, true, step).toFloats()).isNotEqualTo(plain);
            assertThat(net.forward(x, false, step).toFloats()).isEqualTo(plain);
        }
        assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    }
}
