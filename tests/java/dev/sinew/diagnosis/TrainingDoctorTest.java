package dev.sinew.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.NativeMemory;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.diagnosis.TrainingDoctor.Finding;
import dev.sinew.diagnosis.TrainingDoctor.Report;
import dev.sinew.diagnosis.TrainingDoctor.Severity;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A healthy training must be found healthy, and every planted mistake must be found. */
@ExtendWith(Scoped.class)
class TrainingDoctorTest {
    private static final Seed SEED = Seed.of(7);

    /** Noise around a centre for each class. */
    private static ArrayDataset blobs(int samples, int classes, double scale, double shift, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[samples * 4];
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            labels[i] = i % classes;
            for (int d = 0; d < 4; d++) {
                values[i * 4 + d] = (float) ((d == labels[i] % 4 ? 2 : 0) + 0.5 * random.nextGaussian());
            }
        }
        return ArrayDataset.of(values, Shape.of(4), labels, classes).normalised(scale, -shift, 1);
    }

    private static Network net() {
        return Network.input(4).dense(32).relu().dense(3).build(SEED);
    }

    private static Report check(Network net, Loss loss, double rate, Dataset data) {
        String before = net.sha256();
        long bytes = NativeMemory.liveBytes();
        Report report = TrainingDoctor.of(net, loss, Sgd.rate(rate)).batch(32).check(data);
        assertThat(net.sha256()).isEqualTo(before);
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(bytes);
        return report;
    }

    private static Report check(Network.Builder layers, Loss loss, double rate, Dataset data) {
        try (Network net = layers.build(SEED)) {
            return check(net, loss, rate, data);
        }
    }

    private static void found(Report report, Severity severity, String subject, String words) {
        assertThat(report.findings()).as(report.toString()).anySatisfy(f -> {
            assertThat(f.severity()).isEqualTo(severity);
            assertThat(f.subject()).isEqualTo(subject);
            assertThat(f.measured()).contains(words);
            assertThat(f.advice()).isNotEmpty();
        });
    }

    @Test
    void healthy() {
        try (Network net = net()) {
            Report report = check(net, Loss.crossEntropy(), 0.3, blobs(300, 3, 1, 0, 1));
            assertThat(report.problems()).isEmpty();
            assertThat(report.isHealthy()).isTrue();
            assertThat(report.findings()).extracting(Finding::subject).contains("inputs", "labels", "initialisation", "first loss", "dead units",
                    "gradients", "first step", "learning rate", "one batch");
            assertThat(report.toString()).contains("a net that knows nothing would have 1.099");
        }
    }

    @Test
    void smoothedLabelsAreLearntByHeartToo() {
        try (Network net = net()) {
            assertThat(check(net, Loss.crossEntropy().smoothing(0.2), 0.3, blobs(300, 3, 1, 0, 1)).problems()).isEmpty();
        }
    }

    @Test
    void learningRates() {
        found(check(Network.input(4).dense(32).relu().dense(3), Loss.crossEntropy(), 300, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "learning rate", "after 20 steps");
        found(check(Network.input(4).dense(32).relu().dense(3), Loss.crossEntropy(), 1e-4, blobs(300, 3, 1, 0, 1)), Severity.WARNING, "learning rate", "ten times");
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "first step", "does not change [dense1.weight");
    }

    @Test
    void inputs() {
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, blobs(300, 3, 100, 0, 1)), Severity.WARNING, "inputs", "deviation");
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 50, 1)), Severity.WARNING, "inputs", "mean 50");
        float[] values = new float[40];
        int[] labels = new int[10];
        labels[3] = 2;
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, ArrayDataset.of(values, Shape.of(4), labels, 3)), Severity.ERROR, "inputs", "all values");
        values[7] = Float.NaN;
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, ArrayDataset.of(values, Shape.of(4), labels, 3)), Severity.ERROR, "inputs", "1 of 40 values");
    }

    private record Mislabelled(int label) implements Dataset {
        @Override
        public long size() {
            return 64;
        }

        @Override
        public Shape inputShape() {
            return Shape.of(4);
        }

        @Override
        public int classes() {
            return 3;
        }

        @Override
        public void read(long index, FloatBuffer input) {
            SplittableRandom random = new SplittableRandom(index);
            for (int i = 0; i < 4; i++) {
                input.put((float) random.nextGaussian());
            }
        }

        @Override
        public int label(long index) {
            return label < 0 ? (int) (index == 5 ? 7 : index % 3) : label;
        }
    }

    @Test
    void labels() {
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, new Mislabelled(-1)), Severity.ERROR, "labels", "sample 5 has label 7");
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, new Mislabelled(1)), Severity.ERROR, "labels", "the same label");
        found(check(Network.input(4).dense(2), Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "labels", "the network has 2 outputs");
        found(check(Network.input(4).dense(5), Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.WARNING, "labels", "the network has 5 outputs");
        ArrayDataset balanced = blobs(300, 3, 1, 0, 1);
        List<Long> kept = new ArrayList<>();
        for (long i = 0; i < 300; i++) {
            if (balanced.label(i) == 0 || i < 12) {
                kept.add(i);
            }
        }
        Dataset few = balanced.subset(kept.stream().mapToLong(i -> i).toArray());
        found(check(Network.input(4).dense(3), Loss.crossEntropy(), 0.1, few), Severity.WARNING, "labels", "unbalanced: from 4 to 100");
    }

    /** Softmax as a layer, under any name. */
    private record Softmax() implements Layer {
        @Override
        public String kind() {
            return "mine";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.softmax();
        }
    }

    @Test
    void lastLayersAndLosses() {
        ArrayDataset data = blobs(300, 3, 1, 0, 1);
        found(check(Network.input(4).dense(3).layer(new Softmax()), Loss.crossEntropy(), 0.1, data), Severity.ERROR, "softmax before cross-entropy", "probabilities");
        found(check(Network.input(4).dense(3).relu(), Loss.crossEntropy(), 0.1, data), Severity.WARNING, "relu before cross-entropy", "relu1");
        found(check(Network.input(4).dense(3), Loss.meanSquaredError(), 0.1, data), Severity.ERROR, "loss and data", "labels");
        float[] values = new float[256];
        float[] targets = new float[64];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
            targets[i / 4] = values[i] > 0 ? 1 : 0;
        }
        Dataset numbers = ArrayDataset.of(values, Shape.of(4), targets, Shape.of(1));
        found(check(Network.input(4).dense(1), Loss.crossEntropy(), 0.1, numbers), Severity.ERROR, "loss and data", "numbers to predict");
        found(check(Network.input(4).dense(2), Loss.meanSquaredError(), 0.1, numbers), Severity.ERROR, "loss and data", "[2]");
        found(check(Network.input(4).dense(1).sigmoid(), Loss.binaryCrossEntropy(), 0.1, numbers), Severity.ERROR, "sigmoid before binary cross-entropy", "sigmoid1");
        found(check(Network.input(5).dense(1), Loss.meanSquaredError(), 0.1, numbers), Severity.ERROR, "shapes", "[5]");
        assertThat(check(Network.input(4).dense(16).relu().dense(1), Loss.binaryCrossEntropy(), 1, numbers).isHealthy()).isTrue();
        found(check(Network.input(4).dense(1), Loss.meanSquaredError(), 0.1, ArrayDataset.of(values, Shape.of(4), new float[64], Shape.of(1))),
                Severity.ERROR, "targets", "all 64 numbers are 0");
    }

    @Test
    void initialisation() {
        Layer zero = Dense.of(8).weights(new Initializer.Constant(0));
        found(check(Network.input(4).layer(zero).relu().dense(3), Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "initialisation",
                "the same in [dense1.weight]");
        try (Network net = net()) {
            net.parameter("dense1.bias").fill(-100);
            found(check(net, Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "dead units", "no unit of relu1");
        }
        try (Network net = net()) {
            float[] biases = new float[32];
            Arrays.fill(biases, 0, 20, -100);
            net.parameter("dense1.bias").copyFrom(biases);
            found(check(net, Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.WARNING, "dead units", "of the units of relu1");
        }
        try (Network net = net()) {
            net.parameter("dense2.weight").copyFrom(Tensor.normal(Shape.of(3, 32), 0, 30, 1));
            found(check(net, Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.WARNING, "first loss", "knows nothing would have 1.099");
            net.parameter("dense2.weight").fill(Double.NaN);
            found(check(net, Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.ERROR, "NaN or infinity", "dense2.weight");
        }
    }

    @Test
    void vanishingGradients() {
        Network.Builder deep = Network.input(4);
        for (int i = 0; i < 14; i++) {
            deep.dense(8).sigmoid();
        }
        found(check(deep.dense(3), Loss.crossEntropy(), 0.1, blobs(300, 3, 1, 0, 1)), Severity.WARNING, "gradients", "that of dense15.weight");
    }

    @Test
    void batchesOfOneWithBatchNormalisation() {
        try (Network net = Network.input(4).dense(8).batchNorm().relu().dense(3).build(SEED)) {
            Report one = TrainingDoctor.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(1).check(blobs(300, 3, 1, 0, 1));
            found(one, Severity.ERROR, "batch size", "batches of one sample");
            Report last = TrainingDoctor.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(23).check(blobs(300, 3, 1, 0, 1));
            found(last, Severity.WARNING, "batch size", "300 samples in batches of 23");
        }
    }

    @Test
    void duplicates() {
        ArrayDataset all = blobs(300, 3, 1, 0, 1);
        try (Network net = net()) {
            Report report = TrainingDoctor.of(net, Loss.crossEntropy(), Sgd.rate(0.3)).validation(all.slice(150, 210)).check(all.head(200));
            found(report, Severity.WARNING, "validation data", "50 of 60 samples");
            Report clean = TrainingDoctor.of(net, Loss.crossEntropy(), Sgd.rate(0.3)).validation(all.slice(200, 300)).check(all.head(200));
            assertThat(clean.problems()).isEmpty();
        }
    }

    @Test
    void layerStatistics() {
        List<LayerStatistics.Observation> seen = new ArrayList<>();
        String[] weights = new String[2];
        for (int watched = 0; watched < 2; watched++) {
            try (Network net = Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().dropout(0.2).dense(10).build(SEED)) {
                Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(128);
                if (watched == 1) {
                    trainer.listener(LayerStatistics.of(net, Loss.crossEntropy(), 5, seen::add));
                }
                trainer.fit(Digits.load().train());
                weights[watched] = net.sha256();
            }
        }
        assertThat(weights[1]).as("watching changes nothing").isEqualTo(weights[0]);
        assertThat(seen).extracting(LayerStatistics.Observation::step).containsExactly(5L, 10L);
        LayerStatistics.Observation first = seen.getFirst();
        assertThat(first.layers()).extracting(LayerStatistics.Layer::name).containsExactly("conv1", "batchnorm1", "relu1", "dropout1", "dense1");
        assertThat(first.layers().get(1).values().mean()).isCloseTo(0, Offset.offset(0.2));
        assertThat(first.layers().get(2).dead()).isBetween(0.0, 1.0);
        assertThat(first.layers().get(2).values().min()).isZero();
        assertThat(first.layers().get(0).dead()).isNaN();
        assertThat(first.parameters()).extracting(LayerStatistics.Parameter::name).contains("conv1.weight", "dense1.bias");
        for (LayerStatistics.Parameter p : first.parameters()) {
            // plain descent moves by the rate times the gradient
            assertThat(p.updateRatio() * p.norm()).isCloseTo(0.1 * p.gradientNorm(), Offset.offset(1e-3 * p.gradientNorm() + 1e-7));
        }
        assertThat(first.toString()).contains("layer", "relu1", "parameter", "conv1.weight", "update");
    }
}
