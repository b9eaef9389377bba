package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.data.Mixed;
import dev.sinew.diagnosis.TrainingDoctor;
import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.nn.ActivationLayers;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Sgd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets that name classes in other ways than one label for a sample: labels of positions, and probabilities. */
class LabelsTest {
    private static final int VOID = 255;
    private static final int IMAGES = 40;
    private static final int PIXELS = 6 * 5;
    private static final float[] VALUES = Tensor.uniform(Shape.of(IMAGES * PIXELS), 0, 1, 3).toFloats();

    /** Three classes by brightness; every seventh pixel is not labelled. */
    private static float[] maps() {
        float[] maps = new float[VALUES.length];
        for (int i = 0; i < maps.length; i++) {
            maps[i] = i % 7 == 3 ? VOID : (int) (3 * VALUES[i]);
        }
        return maps;
    }

    private static Dataset images() {
        return ArrayDataset.of(VALUES, Shape.of(1, 6, 5), maps(), Shape.of(6, 5));
    }

    private static Network net(long seed) {
        return Network.input(1, 6, 5).layer(Conv.of(16, 1)).relu().layer(Conv.of(3, 1)).build(Seed.of(seed));
    }

    private static Trainer trainer(Network net) {
        return Trainer.of(net, Loss.crossEntropy().ignoring(VOID).weights(1, 2, 1), Adam.rate(0.03)).batch(12).epochs(25).seed(Seed.of(2));
    }

    @Test
    void pixelsAreClassified() {
        try (Network net = net(1); Scope _ = Scope.open()) {
            Training run = trainer(net).validation(images()).fit(images());
            Evaluation found = run.evaluate(images());
            int[] predicted = net.predict(Tensor.of(VALUES, IMAGES, 1, 6, 5)).argmax(1).toInts();
            ConfusionMatrix expected = new ConfusionMatrix(3);
            float[] maps = maps();
            for (int i = 0; i < maps.length; i++) {
                if (maps[i] != VOID) {
                    expected.add((int) maps[i], predicted[i]);
                }
            }
            assertThat(found.confusion()).isDeepEqualTo(expected.counts());
            assertThat(found.accuracy()).isGreaterThan(0.9).isEqualTo(run.history().getLast().validationAccuracy());
            assertThat(found.confusionMatrix().meanIou()).isGreaterThan(0.8).isEqualTo(expected.meanIou());
            assertThat(found.confusionMatrix().meanDice()).isEqualTo(expected.meanDice());
            assertThat(found.topK(3)).isEqualTo(1);
            assertThat(found.size()).isEqualTo(IMAGES);
            assertThat(found.toString()).contains("over " + expected.size() + " labels of " + IMAGES + " samples");
            assertThatThrownBy(found::predictions).isInstanceOf(IllegalStateException.class).hasMessageContaining("label for each position");
        }
    }

    /** With the rate 0 the net of the training is that of the evaluation. */
    @Test
    void theTrainingReportsTheAccuracyOfPixels() {
        try (Network net = net(4)) {
            Loss loss = Loss.crossEntropy().ignoring(VOID);
            Training run = Trainer.of(net, loss, Sgd.rate(0)).batch(16).epochs(2).fit(images());
            Evaluation found = run.evaluate(images());
            assertThat(run.history()).allSatisfy(report -> assertThat(report.trainAccuracy()).isEqualTo(found.accuracy()).isBetween(0.1, 0.9));
        }
    }

    @Test
    void aTrainingWithMapsGoesOnInTheMiddleOfAnEpoch(@TempDir Path folder) throws Exception {
        List<Double> whole;
        String hash;
        try (Network net = net(5)) {
            Training run = trainer(net).epochs(3).checkpoints(folder, 2).keep(100).fit(images());
            whole = run.history().stream().map(EpochReport::trainAccuracy).toList();
            hash = net.sha256();
        }
        Path middle = folder.resolve("checkpoint-6.safetensors");
        assertThat(Files.exists(middle)).isTrue();
        try (Network net = net(5)) {
            Training run = trainer(net).epochs(3).resume(middle).fit(images());
            assertThat(run.history().stream().map(EpochReport::trainAccuracy).toList()).isEqualTo(whole);
            assertThat(net.sha256()).isEqualTo(hash);
        }
    }

    @Test
    void wrongMapsAreRefused() {
        Dataset flat = ArrayDataset.of(VALUES, Shape.of(1, 6, 5), maps(), Shape.of(30));
        try (Network net = net(1)) {
            assertThatIllegalArgumentException().isThrownBy(() -> trainer(net).fit(flat)).withMessageContaining("30");
            Trainer every = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(1)).batch(8);
            assertThatIllegalArgumentException().isThrownBy(() -> every.fit(images())).withMessageContaining("out of range");
        }
    }

    @Test
    void theDoctorTakesThem() {
        try (Network net = net(1); Network numbers = digits(1)) {
            assertThat(TrainingDoctor.of(net, Loss.crossEntropy().ignoring(VOID), Adam.rate(0.03)).batch(8).check(images()).toString())
                    .doesNotContain("asks for targets").contains("first step");
            Dataset mixed = Mixed.up(Digits.load().train().head(200), 1, Seed.of(1));
            assertThat(TrainingDoctor.of(numbers, Loss.softCrossEntropy().smoothing(0.1), Adam.rate(0.01)).batch(20).check(mixed).toString())
                    .contains("learnt by heart in");
        }
    }

    // ---- probabilities ----

    private static Network digits(long seed) {
        return Network.input(1, 8, 8).flatten().dense(24).relu().dense(10).build(Seed.of(seed));
    }

    @Test
    void labelsAreProbabilitiesToo() {
        Dataset data = Digits.load().train().head(300);
        List<String> hashes = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        for (Loss loss : List.of(Loss.softCrossEntropy().smoothing(0.1), Loss.crossEntropy().smoothing(0.1))) {
            for (Dataset given : List.of(data, data.oneHot())) {
                if (loss.probabilities() || given == data) {
                    try (Network net = digits(1)) {
                        Training run = Trainer.of(net, loss, Adam.rate(0.005)).batch(25).epochs(15).seed(Seed.of(3)).validation(Digits.load().test()).fit(given);
                        hashes.add(net.sha256());
                        accuracies.add(run.history().getLast().validationAccuracy());
                        losses.add(run.history().getFirst().trainLoss());
                        assertThat(run.history().getLast().trainAccuracy()).isGreaterThan(0.9);
                        assertThat(run.evaluate(given).confusionMatrix().size()).isEqualTo(300);
                    }
                }
            }
        }
        assertThat(hashes.get(0)).as("labels and the same as vectors").isEqualTo(hashes.get(1));
        assertThat(accuracies.get(0)).isEqualTo(accuracies.get(1)).isGreaterThan(0.8).isCloseTo(accuracies.get(2), within(0.03));
        assertThat(losses.get(0)).isCloseTo(losses.get(2), within(1e-4));
    }

    @Test
    void aMixedTrainingIsTheSameWithAnyWorkers() {
        Dataset data = Digits.load().train().head(400);
        for (Mixed mixed : List.of(Mixed.up(data, 0.4, Seed.of(5)), Mixed.cut(data, 1, Seed.of(5)),
                Mixed.upOrCut(data, 0.4, 1, Seed.of(5)).chance(0.8))) {
            List<String> hashes = new ArrayList<>();
            for (int workers : new int[] {1, 3}) {
                try (Network net = digits(2)) {
                    Training run = Trainer.of(net, Loss.softCrossEntropy(), Adam.rate(0.01)).batch(40).epochs(12).seed(Seed.of(3)).workers(workers)
                            .validation(Digits.load().test()).fit(mixed);
                    hashes.add(net.sha256());
                    assertThat(run.history().getLast().validationAccuracy()).as(mixed.toString()).isGreaterThan(0.8);
                    assertThat(run.history().getLast().trainAccuracy()).isBetween(0.3, 0.99);
                }
            }
            assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
        }
    }

    @Test
    void divergenceFromLabels() {
        try (Network net = Network.input(1, 8, 8).flatten().dense(10).layer(ActivationLayers.logSoftmax()).build(Seed.of(1))) {
            Training run = Trainer.of(net, Loss.klDivergence(), Adam.rate(0.01)).batch(20).epochs(5).fit(Digits.load().train().head(200));
            assertThat(run.history().getLast().trainAccuracy()).isGreaterThan(0.7);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Loss.softCrossEntropy().smoothing(1.5)).withMessageContaining("1.5");
        assertThatIllegalArgumentException().isThrownBy(() -> Loss.softCrossEntropy().weights(-1, 1)).withMessageContaining("class weights");
    }
}
