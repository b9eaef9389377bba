package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Cpu;
import dev.sinew.NativeMemory;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.data.Sampler;
import dev.sinew.data.transform.Affine;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adadelta;
import dev.sinew.optim.Adagrad;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Adamax;
import dev.sinew.optim.Lamb;
import dev.sinew.optim.NAdam;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.RAdam;
import dev.sinew.optim.RmsProp;
import dev.sinew.optim.Rprop;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingTest {
    private long liveBefore;

    @BeforeEach
    void remember() {
        liveBefore = NativeMemory.liveBytes();
    }

    @AfterEach
    void nothingIsLeft() {
        // not equal: what earlier tests left to the collector may be freed meanwhile
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(liveBefore);
    }

    /** Every kind of layer whose state or randomness could break a resumed training. */
    private static Network net(long seed) {
        return Network.input(1, 8, 8).layer(Conv.of(8, 3).pad(1).noBias()).batchNorm().relu().maxPool(2).dropout(0.2)
                .dense(16).tanh().dense(10).build(Seed.of(seed));
    }

    private static Trainer trainer(Network net, Optimizer optimizer) {
        return Trainer.of(net, Loss.crossEntropy(), optimizer).batch(32).epochs(3).seed(Seed.of(5));
    }

    /** The parameters change in every step: nothing that depends on them is a constant. */
    @Test
    void aStepComputesOnlyWhatItNeeds() {
        try (Network net = net(1); TrainStep step = trainer(net, Sgd.rate(0.1)).compile(4)) {
            assertThat(step.plan().prologue()).containsExactly("fill()");
            assertThat(step.plan().operations()).noneMatch(op -> op.startsWith("fill") || op.startsWith("argmax") || op.contains("_pack"))
                    .anyMatch(op -> op.startsWith("sgd"));
        }
    }

    static List<Optimizer> optimizers() {
        return List.of(Sgd.rate(0.05), Sgd.rate(Schedule.cosine(0.05).warmUp(10)).momentum(0.9).weightDecay(1e-4),
                Sgd.rate(Schedule.step(0.05, 1, 0.5)).nesterov(0.9), Adam.rate(1e-3), Adam.decoupled(Schedule.cosine(2e-3)),
                Adam.rate(1e-3).withAmsgrad(), Adagrad.rate(0.01).initial(0.1).rateDecay(1e-3), Adadelta.rate(1), Adamax.rate(2e-3),
                RmsProp.rate(1e-3).byVariance().momentum(0.9), NAdam.rate(2e-3), RAdam.rate(1e-3), Rprop.rate(1e-3), Lamb.rate(1e-2));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void threadsDoNotChangeTheBits(Optimizer optimizer) {
        Dataset data = Digits.load().train().head(400);
        List<String> hashes = new ArrayList<>();
        int before = Cpu.threads();
        try {
            for (int threads : new int[] {1, 2, 3, 1}) {
                Cpu.setThreads(threads);
                try (Network net = net(7)) {
                    trainer(net, optimizer).fit(data);
                    hashes.add(net.sha256());
                }
            }
        } finally {
            Cpu.setThreads(before);
        }
        assertThat(hashes).containsOnly(hashes.getFirst());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aResumedTrainingEndsWithTheSameBits(Optimizer optimizer, @TempDir Path folder) {
        Dataset data = Digits.load().train().head(400);
        String straight;
        List<EpochReport> history;
        try (Network net = net(7)) {
            history = trainer(net, optimizer).fit(data).history();
            straight = net.sha256();
        }
        for (long stopAfter : new long[] {1, 12, 13, 20, 26, 38}) {
            try (Network net = net(7)) {
                trainer(net, optimizer).checkpoints(folder, 1).keep(1).listener(new TrainingListener() {
                    @Override
                    public void step(Control control) {
                        if (control.step() == stopAfter) {
                            control.stop();
                        }
                    }
                }).fit(data);
            }
            try (Network net = net(7)) {
                List<EpochReport> resumed = trainer(net, optimizer).resume(Checkpoint.file(folder, stopAfter)).fit(data).history();
                assertThat(net.sha256()).as("stopped after step %d", stopAfter).isEqualTo(straight);
                assertThat(timeless(resumed)).isEqualTo(timeless(history));
            }
        }
    }

    private static List<EpochReport> timeless(List<EpochReport> reports) {
        return reports.stream().map(r -> new EpochReport(r.epoch(), r.step(), r.trainLoss(), r.trainAccuracy(), r.validationLoss(),
                r.validationAccuracy(), r.rate(), 0, 0)).toList();
    }

    @Test
    void threadsForTheDataChangeNothing() {
        List<String> hashes = new ArrayList<>();
        for (int workers = 1; workers <= 3; workers++) {
            Dataset data = Digits.load().train().head(200).transformed(Seed.of(1), Affine.none().rotate(10).shift(1));
            try (Network net = net(7)) {
                List<EpochReport> history = trainer(net, Sgd.rate(0.1)).workers(workers).fit(data).history();
                assertThat(history).allSatisfy(report -> assertThat(report.waited()).isBetween(0.0, report.seconds()));
                hashes.add(net.sha256());
            }
        }
        assertThat(hashes.stream().distinct()).hasSize(1);
        try (Network net = net(7)) {
            assertThatThrownBy(() -> trainer(net, Sgd.rate(0.1)).workers(0)).hasMessageContaining("1 to 256 threads, not 0");
        }
    }

    /** The losses of single samples add up to the mean of all; the hardest are trained on alone. */
    @Test
    void hardExamples() {
        Dataset data = Digits.load().train().head(60);
        try (Network net = net(7)) {
            double[] losses = SampleLosses.of(net, Loss.crossEntropy(), data);
            assertThat(java.util.Arrays.stream(losses).average().orElseThrow())
                    .isCloseTo(Evaluator.evaluate(net, Loss.crossEntropy(), data).loss(), org.assertj.core.data.Offset.offset(1e-5));
            Sampler hardest = Sampler.hardest(losses, 0.5, Seed.of(1));
            long[] chosen = java.util.Arrays.stream(hardest.order(0)).asLongStream().toArray();
            Loss loss = Loss.crossEntropy();
            double before = Evaluator.evaluate(net, loss, data.subset(chosen)).loss();
            Trainer.of(net, loss, Adam.rate(0.003)).batch(10).epochs(20).sampler(hardest).fit(data);
            assertThat(Evaluator.evaluate(net, loss, data.subset(chosen)).loss()).isLessThan(before / 2);
            assertThatThrownBy(() -> Trainer.of(net, loss, Sgd.rate(0.1)).sampler(hardest).validation(0.1).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("held out");
        }
    }

    @Test
    void seedsMatterAndEveryIntegerIsOne() {
        Dataset data = Digits.load().train().head(100);
        List<String> hashes = new ArrayList<>();
        for (long seed : new long[] {0, 1, -1, Long.MAX_VALUE}) {
            try (Network net = net(seed)) {
                trainer(net, Sgd.rate(0.1)).fit(data);
                hashes.add(net.sha256());
            }
        }
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void onlyTheNewestCheckpointsAreKept(@TempDir Path folder) throws Exception {
        try (Network net = net(7)) {
            trainer(net, Sgd.rate(0.1)).checkpoints(folder, 5).keep(2).fit(Digits.load().train().head(320));
        }
        try (var files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("checkpoint-25.safetensors",
                    "checkpoint-30.safetensors");
        }
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused(@TempDir Path folder) {
        Dataset data = Digits.load().train().head(64);
        try (Network net = net(7)) {
            trainer(net, Sgd.rate(0.1)).checkpoints(folder, 0).fit(data);
        }
        Path checkpoint = Checkpoint.file(folder, 6);
        try (Network net = net(8)) {
            assertThatThrownBy(() -> trainer(net, Sgd.rate(0.1)).resume(checkpoint).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("seed").hasMessageContaining("8");
        }
        try (Network net = net(7)) {
            assertThatThrownBy(() -> trainer(net, Sgd.rate(0.2)).resume(checkpoint).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("settings").hasMessageContaining("0.2");
            assertThatThrownBy(() -> trainer(net, Sgd.rate(0.1)).resume(checkpoint).fit(Digits.load().train().head(65)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("samples");
        }
        try (Network other = Network.input(1, 8, 8).dense(10).build(Seed.of(7))) {
            String before = other.sha256();
            assertThatThrownBy(() -> trainer(other, Sgd.rate(0.1)).resume(checkpoint).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("dense1.weight");
            assertThat(other.sha256()).isEqualTo(before);
        }
    }

    @Test
    void earlyStoppingGoesBackToTheBestWeights() {
        Dataset train = Digits.load().train();
        try (Network net = net(7)) {
            Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.5)).batch(16).epochs(60).validation(0.2)
                    .earlyStopping(2).fit(train.head(200));
            double best = run.history().stream().mapToDouble(EpochReport::validationLoss).min().orElseThrow();
            assertThat(run.history().size()).isLessThan(60);
            assertThat(run.history().getLast().validationLoss()).isGreaterThan(best);
            Dataset held = train.head(200).split(0.8, Seed.of(0).derive("validation").value()).test();
            assertThat(run.evaluate(held).loss()).isEqualTo(best);
        }
    }

    @Test
    void learnsAndReports() {
        var digits = Digits.load();
        try (Network net = net(7)) {
            Training run = trainer(net, Adam.rate(3e-3)).epochs(12).validation(digits.test()).fit(digits.train());
            Evaluation test = run.evaluate(digits.test());
            assertThat(test.accuracy()).isGreaterThan(0.9);
            assertThat(test.accuracy()).isEqualTo(run.history().getLast().validationAccuracy());
            assertThat(test.topK(10)).isEqualTo(1);
            assertThat(test.topK(2)).isGreaterThanOrEqualTo(test.accuracy());
            assertThat(test.size()).isEqualTo(360);
            long right = 0;
            for (int c = 0; c < 10; c++) {
                right += test.confusion()[c][c];
            }
            assertThat((double) right / 360).isEqualTo(test.accuracy());
            assertThat(test.confusionMatrix().f1(3)).isBetween(0.8, 1.0);
            assertThatThrownBy(test::regression).isInstanceOf(IllegalStateException.class).hasMessageContaining("classes");
            assertThat(run.history().getLast().trainLoss()).isLessThan(run.history().getFirst().trainLoss());
        }
    }

    /** y = 2 a - b + 1: a regression, with targets that are numbers. */
    private record Plane() implements Dataset {
        @Override
        public long size() {
            return 256;
        }

        @Override
        public Shape inputShape() {
            return Shape.of(2);
        }

        @Override
        public int classes() {
            return 0;
        }

        @Override
        public Shape targetShape() {
            return Shape.of(1);
        }

        private static float a(long i) {
            return (i % 16) / 8f - 1;
        }

        private static float b(long i) {
            return (i / 16) / 8f - 1;
        }

        @Override
        public void read(long i, FloatBuffer input) {
            input.put(a(i)).put(b(i));
        }

        @Override
        public void readTarget(long i, FloatBuffer target) {
            target.put(2 * a(i) - b(i) + 1);
        }
    }

    @Test
    void regression() {
        try (Network net = Network.input(2).dense(1).build(Seed.of(1))) {
            Training run = Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(0.1)).batch(16).epochs(40).fit(new Plane());
            Evaluation evaluation = run.evaluate(new Plane());
            assertThat(evaluation.loss()).isLessThan(1e-9);
            assertThat(evaluation.regression().size()).isEqualTo(256);
            assertThat(evaluation.regression().r2()).isGreaterThan(1 - 1e-8);
            assertThat(evaluation.toString()).contains("R2 1.0000 over 256");
            assertThatThrownBy(evaluation::accuracy).isInstanceOf(IllegalStateException.class).hasMessageContaining("regression()");
            assertThat(net.parameter("dense1.weight").toFloats()).containsExactly(new float[] {2, -1}, org.assertj.core.data.Offset.offset(1e-4f));
            assertThat(net.parameter("dense1.bias").item()).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-4));
        }
    }

    @Test
    void badSettingsAreRefused() {
        Dataset data = Digits.load().train();
        try (Network net = net(7)) {
            assertThatThrownBy(() -> Trainer.of(null, Loss.crossEntropy(), Sgd.rate(1))).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).batch(0)).hasMessageContaining("0");
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).epochs(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).validation(1.5)).hasMessageContaining("1.5");
            assertThatThrownBy(() -> Sgd.rate(Double.NaN)).hasMessageContaining("NaN");
            assertThatThrownBy(() -> Sgd.rate(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> Sgd.rate(1).momentum(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Adam.rate(1).betas(1, 0.9)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).earlyStopping(1).fit(data)).hasMessageContaining("validation");
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).fit(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> trainer(net, Sgd.rate(1)).fit(new Plane())).hasMessageContaining("[2]").hasMessageContaining("[1, 8, 8]");
        }
        try (Network small = Network.input(1, 8, 8).dense(9).build(Seed.of(7))) {
            assertThatThrownBy(() -> trainer(small, Sgd.rate(1)).fit(data)).hasMessageContaining("10 classes").hasMessageContaining("9 outputs");
        }
        Network closed = net(7);
        closed.close();
        assertThatThrownBy(() -> trainer(closed, Sgd.rate(1)).fit(data)).isInstanceOf(IllegalStateException.class);
    }
}
