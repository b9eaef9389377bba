package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.Join;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.nn.Value;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Sgd;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of nets with several inputs and outputs, and of parts of a net. */
class GraphTrainingTest {
    private static final Objective WITH_AUXILIARY = Objective.of("logits", Loss.crossEntropy()).and("aux", Loss.crossEntropy(), 0.3);
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

    /** A branch, a sum, dropout, batch statistics, and a head halfway. */
    private static Network net(long seed) {
        GraphBuilder g = Network.graph();
        Value stem = g.input(1, 8, 8).conv(8, 3, 1).batchNorm().relu();
        Value middle = stem.concat(stem.conv(4, 1).relu()).maxPool(2);
        Value top = middle.block("top", v -> v.conv(12, 3, 1).batchNorm().relu().add(v).dropout(0.2));
        return g.auxiliary("aux", middle.avgPool(2).dropout(0.2).dense(10)).output("logits", top.dense(10)).build(Seed.of(seed));
    }

    private static Trainer trainer(Network net) {
        return Trainer.of(net, WITH_AUXILIARY, Adam.rate(3e-3)).batch(32).epochs(3).seed(Seed.of(5));
    }

    @Test
    void theNumberOfThreadsDoesNotMatter() {
        Dataset data = Digits.load().train().head(300);
        List<String> hashes = new ArrayList<>();
        int before = Cpu.threads();
        try {
            for (int threads : new int[] {1, 3}) {
                Cpu.setThreads(threads);
                try (Network net = net(7)) {
                    trainer(net).fit(data);
                    hashes.add(net.sha256());
                }
            }
        } finally {
            Cpu.setThreads(before);
        }
        assertThat(hashes).containsOnly(hashes.getFirst());
    }

    @Test
    void aResumedTrainingOfSeveralLossesEndsWithTheSameBits(@TempDir Path folder) {
        Dataset data = Digits.load().train().head(300);
        try (Network straight = net(7); Network stopped = net(7); Network resumed = net(7)) {
            trainer(straight).fit(data);
            trainer(stopped).checkpoints(folder, 1).listener(new TrainingListener() {
                @Override
                public void step(Control control) {
                    if (control.step() == 13) {
                        control.stop();
                    }
                }
            }).fit(data);
            Training run = trainer(resumed).resume(Checkpoint.file(folder, 13)).fit(data);
            assertThat(resumed.sha256()).isEqualTo(straight.sha256());
            assertThatThrownBy(() -> Trainer.of(resumed, Objective.of("logits", Loss.crossEntropy()), Adam.rate(3e-3)).batch(32).epochs(3)
                    .seed(Seed.of(5)).resume(Checkpoint.file(folder, 13)).fit(data)).hasMessageContaining("settings").hasMessageContaining("aux");
            assertThat(run.evaluate(Digits.load().test()).accuracy()).isGreaterThan(0.5);
        }
    }

    /** The loss is the weighted sum; one that leaves a head out leaves its weights alone. */
    @Test
    void lossesAreWeightedAndOutputsWithoutOneAreNotTrained() {
        try (Network net = net(7); TrainStep step = trainer(net).compile(4);
                TrainStep main = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(1)).compile(4); Scope _ = Scope.open()) {
            Tensor x = Tensor.uniform(Shape.of(4, 1, 8, 8), 0, 1, 1);
            Tensor labels = Tensor.of(new int[] {1, 2, 3, 4}, 4);
            double loss = step.step(x, labels, 0.01);
            assertThat(loss).isCloseTo(step.loss("logits") + 0.3 * step.loss("aux"), org.assertj.core.data.Offset.offset(1e-6));
            assertThat(step.loss("aux")).isNotEqualTo(step.loss("logits"));
            assertThatThrownBy(() -> step.loss("nothing")).hasMessageContaining("nothing").hasMessageContaining("aux");
            float[] before = net.parameter("dense1.weight").toFloats();
            float[] stem = net.parameter("conv1.weight").toFloats();
            main.step(x, labels, 0.1);
            assertThat(net.parameter("dense1.weight").toFloats()).isEqualTo(before);
            assertThat(net.parameter("conv1.weight").toFloats()).isNotEqualTo(stem);
            assertThat(main.plan().flops()).isLessThan(step.plan().flops());
        }
    }

    /** Two numbers in, their sum's sign and their difference out: two inputs, two targets of two types. */
    private static Network pair() {
        GraphBuilder g = Network.graph();
        Value both = g.layer(Join.concat(0), g.input("a", 1), g.input("b", 1)).dense(16).tanh();
        return g.output("sign", both.dense(2)).output("difference", both.dense(1)).build(Seed.of(3));
    }

    private static final Objective PAIR = Objective.of("sign", Loss.crossEntropy(), 1, "label").and("difference", Loss.meanSquaredError(), 0.5, "number");

    @Test
    void severalInputsAndTargetsByHand() {
        try (Network net = pair(); TrainStep step = Trainer.of(net, PAIR, Adam.rate(1e-2)).compile(64); Scope _ = Scope.open()) {
            Tensor a = Tensor.normal(Shape.of(64, 1), 0, 1, 1);
            Tensor b = Tensor.normal(Shape.of(64, 1), 0, 1, 2);
            Tensor label = a.add(b).greater(Tensor.zeros(64, 1), dev.sinew.Broadcast.NO).reshape(64).cast(DType.I32);
            Tensor number = a.sub(b);
            double first = step.step(List.of(a, b), List.of(label, number), 1e-2);
            for (int i = 0; i < 200; i++) {
                step.step(List.of(a, b), List.of(label, number), 1e-2);
            }
            assertThat(step.loss("sign")).isLessThan(0.2);
            assertThat(step.loss("difference")).isLessThan(0.2);
            assertThat(first).isGreaterThan(1);
            assertThatThrownBy(() -> step.step(a, label, 1e-2)).hasMessageContaining("4 inputs and targets").hasMessageContaining("[a, b, label, number]");
            assertThatThrownBy(() -> step.step(List.of(a), List.of(label), 1e-2)).hasMessageContaining("4 inputs and targets");
            assertThatThrownBy(() -> step.step(List.of(a, b), List.of(number, label), 1e-2)).hasMessageContaining("\"label\"");
        }
    }

    /** The same as a data set: inputs in one vector, targets in another. */
    private record Pairs() implements Dataset {
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
            return Shape.of(2);
        }

        private static float a(long i) {
            return (i % 16) / 8f - 0.97f;
        }

        private static float b(long i) {
            return (i / 16) / 8f - 0.97f;
        }

        @Override
        public void read(long i, FloatBuffer input) {
            input.put(a(i)).put(b(i));
        }

        @Override
        public void readTarget(long i, FloatBuffer target) {
            target.put(a(i) + b(i) > 0 ? 1 : 0).put(a(i) - b(i));
        }
    }

    @Test
    void severalInputsAndTargetsFromADataSet() {
        try (Network net = pair()) {
            Training run = Trainer.of(net, PAIR, Adam.rate(1e-2)).batch(16).epochs(20).validation(0.2).fit(new Pairs());
            Evaluation evaluation = run.evaluate(new Pairs());
            assertThat(evaluation.accuracy()).isGreaterThan(0.95);
            assertThat(evaluation.loss()).isLessThan(0.2);
            assertThat(run.history().getLast().validationLoss()).isLessThan(0.3);
        }
        try (Network wrong = Network.input(3).dense(2).build(Seed.of(1)); Network two = pair()) {
            assertThatThrownBy(() -> Trainer.of(wrong, Loss.crossEntropy(), Sgd.rate(1)).fit(new Pairs())).hasMessageContaining("[2]").hasMessageContaining("[3]");
            assertThatThrownBy(() -> Trainer.of(two, Loss.crossEntropy(), Sgd.rate(1)).fit(new Pairs())).hasMessageContaining("several outputs");
            assertThatThrownBy(() -> Trainer.of(two, Objective.of("sign", Loss.crossEntropy()).and("difference", Loss.meanSquaredError(), 1),
                    Sgd.rate(1)).fit(new Pairs())).hasMessageContaining("another name");
            assertThatThrownBy(() -> Trainer.of(two, PAIR, Sgd.rate(1)).fit(Digits.load().train())).hasMessageContaining("[2]");
        }
        assertThatThrownBy(() -> Objective.of("a", Loss.hinge()).and("b", Loss.hinge(), Double.NaN)).hasMessageContaining("NaN");
        assertThat(Objective.of(Loss.crossEntropy()).toString()).isEqualTo(Loss.crossEntropy().toString());
    }

    // ---- freezing ----

    @Test
    void whatIsFrozenStaysAndHasNoGradient() {
        Dataset data = Digits.load().train().head(128);
        try (Network net = net(7)) {
            int all = net.trainable().size();
            net.freeze("conv1", "batchnorm1.*").inferenceMode("batchnorm1");
            assertThat(net.frozen()).containsExactly("batchnorm1.bias", "batchnorm1.weight", "conv1.bias", "conv1.weight");
            assertThat(net.trainable()).hasSize(all - 4);
            Map<String, Tensor> parameters = net.parameters();
            Map<String, float[]> before = new java.util.HashMap<>();
            parameters.forEach((name, tensor) -> before.put(name, tensor.toFloats()));
            // momentum and decay would move them, too
            Trainer frozen = Trainer.of(net, WITH_AUXILIARY, Sgd.rate(0.05).momentum(0.9).weightDecay(0.1)).batch(32).epochs(2);
            frozen.fit(data);
            parameters.forEach((name, tensor) -> {
                boolean kept = name.startsWith("conv1.") || name.startsWith("batchnorm1.");
                assertThat(java.util.Arrays.equals(tensor.toFloats(), before.get(name))).as(name).isEqualTo(kept);
            });
            try (TrainStep part = trainer(net).compile(8); Network free = net(7); TrainStep whole = trainer(free).compile(8)) {
                assertThat(part.plan().flops()).isLessThan(whole.plan().flops());
                assertThat(part.plan().operations().stream().filter(op -> op.startsWith("conv2d_weight")).count()).isEqualTo(2);
            }
            net.unfreeze("*").trainingMode();
            assertThat(net.trainable()).hasSize(all);
            trainer(net).epochs(1).fit(data);
            assertThat(net.parameter("conv1.weight").toFloats()).isNotEqualTo(before.get("conv1.weight"));
            assertThat(net.parameter("batchnorm1.running_mean").toFloats()).isNotEqualTo(before.get("batchnorm1.running_mean"));
            assertThatThrownBy(() -> net.freeze("conv9")).hasMessageContaining("conv9").hasMessageContaining("conv1.weight");
            assertThat(net.freeze(name -> name.endsWith(".bias")).frozen()).hasSize(7).allMatch(name -> name.endsWith(".bias"));
        }
    }

    /** What is left trains as if the frozen part were a fixed function before it. */
    @Test
    void trainingTheHeadAloneIsTrainingASmallNetOnFeatures() {
        try (Network net = Network.input(6).dense(5).tanh().named("features").dense(3).build(Seed.of(1)); Network head = Network.input(5).dense(3).build(Seed.of(9));
                Scope _ = Scope.open()) {
            net.freeze("dense1");
            head.parameter("dense1.weight").copyFrom(net.parameter("dense2.weight"));
            head.parameter("dense1.bias").copyFrom(net.parameter("dense2.bias"));
            Tensor x = Tensor.normal(Shape.of(8, 6), 0, 1, 1);
            Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1}, 8);
            Tensor features = net.activations(x, "features").get("features");
            try (TrainStep a = Trainer.of(net, Loss.crossEntropy(), Adam.rate(0.1)).compile(8);
                    TrainStep b = Trainer.of(head, Loss.crossEntropy(), Adam.rate(0.1)).compile(8)) {
                for (int i = 0; i < 5; i++) {
                    a.step(x, labels, 0.1);
                    b.step(features, labels, 0.1);
                }
            }
            Close.within("head", net.parameter("dense2.weight"), head.parameter("dense1.weight"), 1e-6, 1e-6);
        }
    }

    @Test
    void aFrozenTrainingCanBeResumed(@TempDir Path folder) {
        Dataset data = Digits.load().train().head(200);
        try (Network straight = net(7).freeze("conv*"); Network stopped = net(7).freeze("conv*"); Network resumed = net(7).freeze("conv*");
                Network other = net(7)) {
            trainer(straight).fit(data);
            trainer(stopped).epochs(1).checkpoints(folder, 0).fit(data);
            trainer(resumed).resume(Checkpoint.file(folder, 7)).fit(data);
            assertThat(resumed.sha256()).isEqualTo(straight.sha256());
            assertThatThrownBy(() -> trainer(other).resume(Checkpoint.file(folder, 7)).fit(data)).hasMessageContaining("frozen=[conv1.bias");
        }
    }

    /** A net that is frozen as a whole still computes its loss. */
    @Test
    void everythingMayBeFrozen() {
        try (Network net = net(7).freeze("*"); TrainStep step = trainer(net).compile(2); Scope _ = Scope.open()) {
            assertThat(net.trainable()).isEmpty();
            String before = net.inferenceMode("*").sha256();
            assertThat(step.step(Tensor.zeros(2, 1, 8, 8), Tensor.of(new int[] {1, 2}, 2), 0.1)).isGreaterThan(0);
            assertThat(before).hasSize(64);
        }
    }
}
