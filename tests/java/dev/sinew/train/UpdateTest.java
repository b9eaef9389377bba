package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.Dataset;
import dev.sinew.data.Digits;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Averaging;
import dev.sinew.optim.Lamb;
import dev.sinew.optim.RmsProp;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done to gradients and weights around an optimiser's step. */
class UpdateTest {
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

    private static Network net() {
        return Network.input(6).dense(5).tanh().dense(3).build(Seed.of(3), DType.F64);
    }

    /** The parameters after some steps on one batch. */
    private static Map<String, double[]> after(int steps, java.util.function.UnaryOperator<Trainer> settings, Sgd sgd, double... norm) {
        try (Scope _ = Scope.open(); Network net = net()) {
            Trainer trainer = settings.apply(Trainer.of(net, Loss.crossEntropy(), sgd));
            try (TrainStep step = trainer.compile(4)) {
                Tensor x = Tensor.uniform(Shape.of(4, 6), -1, 1, 5).cast(DType.F64);
                for (int i = 0; i < steps; i++) {
                    step.step(x, Tensor.of(new int[] {0, 1, 2, 1}, 4), 0.5);
                }
                if (norm.length > 0) {
                    norm[0] = step.gradientNorm();
                }
            }
            return values(net.parameters());
        }
    }

    private static Map<String, double[]> values(Map<String, Tensor> tensors) {
        Map<String, double[]> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> values.put(name, tensor.toDoubles()));
        return values;
    }

    @Test
    void aGroupHasItsOwnOptimizer() {
        Sgd decayed = Sgd.rate(0.5).weightDecay(0.1);
        Map<String, double[]> all = after(1, t -> t, decayed);
        Map<String, double[]> none = after(1, t -> t, Sgd.rate(0.5));
        Map<String, double[]> grouped = after(1, t -> t.group("biases", p -> p.name().endsWith("bias"), Sgd.rate(0.5)), decayed);
        assertThat(grouped.get("dense1.weight")).isEqualTo(all.get("dense1.weight")).isNotEqualTo(none.get("dense1.weight"));
        assertThat(grouped.get("dense2.weight")).isEqualTo(all.get("dense2.weight"));
        assertThat(grouped.get("dense1.bias")).isEqualTo(none.get("dense1.bias"));
        assertThat(grouped.get("dense2.bias")).isEqualTo(none.get("dense2.bias"));
        // another kind of optimiser, and nothing at all for the rest
        Map<String, double[]> mixed = after(3, t -> t.group("head", p -> p.name().startsWith("dense2"), Adam.rate(0.01)), Sgd.rate(0));
        assertThat(mixed.get("dense1.weight")).isNotEqualTo(after(0, t -> t, decayed).get("dense1.weight")); // the rate is step's 0.5
        assertThat(mixed.get("dense2.weight")).isNotEqualTo(after(0, t -> t, decayed).get("dense2.weight"));
    }

    @Test
    void theNormIsClippedAsPyTorchDoes() {
        Map<String, double[]> before = after(0, t -> t, Sgd.rate(0.5));
        Map<String, double[]> free = after(1, t -> t, Sgd.rate(0.5));
        double[] norm = new double[1];
        Map<String, double[]> clipped = after(1, t -> t.clipNorm(0.1), Sgd.rate(0.5), norm);
        double squares = 0;
        for (String name : before.keySet()) {
            for (int i = 0; i < before.get(name).length; i++) {
                double g = (before.get(name)[i] - free.get(name)[i]) / 0.5;
                squares += g * g;
            }
        }
        assertThat(norm[0]).isCloseTo(Math.sqrt(squares), Offset.offset(1e-12)).isGreaterThan(0.1);
        double factor = 0.1 / (norm[0] + 1e-6);
        before.forEach((name, p) -> {
            for (int i = 0; i < p.length; i++) {
                assertThat(p[i] - clipped.get(name)[i]).isCloseTo((p[i] - free.get(name)[i]) * factor, Offset.offset(1e-14));
            }
        });
        assertThat(after(1, t -> t.clipNorm(100), Sgd.rate(0.5)).get("dense1.weight")).isEqualTo(free.get("dense1.weight"));
    }

    @Test
    void valuesAreClipped() {
        Map<String, double[]> before = after(0, t -> t, Sgd.rate(0.5));
        Map<String, double[]> free = after(1, t -> t, Sgd.rate(0.5));
        Map<String, double[]> clipped = after(1, t -> t.clipValue(0.02), Sgd.rate(0.5));
        before.forEach((name, p) -> {
            for (int i = 0; i < p.length; i++) {
                double g = (p[i] - free.get(name)[i]) / 0.5;
                assertThat(p[i] - clipped.get(name)[i]).isCloseTo(0.5 * Math.clamp(g, -0.02, 0.02), Offset.offset(1e-14));
            }
        });
    }

    private static Network digits() {
        return Network.input(1, 8, 8).conv(4, 3).relu().maxPool(2).dense(10).build(Seed.of(9));
    }

    /** Four batches of 16 are one of 64, the last and smaller ones of an epoch included; steps by oneself gather likewise. */
    @Test
    void gatheredGradientsAreThoseOfALargeBatch() {
        Dataset data = Digits.load().train().head(200);
        try (Network large = digits(); Network gathered = digits()) {
            Schedule schedule = Schedule.cosine(0.1);
            Training one = Trainer.of(large, Loss.crossEntropy(), Sgd.rate(schedule).momentum(0.9)).batch(64).epochs(3).fit(data);
            Training other = Trainer.of(gathered, Loss.crossEntropy(), Sgd.rate(schedule).momentum(0.9)).batch(16).accumulate(4).epochs(3).fit(data);
            values(large.parameters()).forEach((name, expected) -> assertThat(gathered.parameter(name).toDoubles()).as(name)
                    .containsExactly(expected, Offset.offset(5e-6)));
            assertThat(other.history().getLast().rate()).isEqualTo(one.history().getLast().rate());
            assertThat(other.history().getLast().step()).isEqualTo(39);
        }
        Map<String, double[]> once = after(1, t -> t, Sgd.rate(0.5));
        Map<String, double[]> thrice = after(3, t -> t.accumulate(3), Sgd.rate(0.5));
        once.forEach((name, expected) -> assertThat(thrice.get(name)).as(name).containsExactly(expected, Offset.offset(1e-14)));
        assertThat(after(2, t -> t.accumulate(3), Sgd.rate(0.5)).get("dense1.weight")).isEqualTo(after(0, t -> t, Sgd.rate(0.5)).get("dense1.weight"));
    }

    /** Follows the weights from outside. */
    private static void checkAverage(Averaging averaging, boolean warm, double decay, long from) {
        Dataset data = Digits.load().train().head(160);
        Map<String, double[]> average = new LinkedHashMap<>();
        try (Network net = Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().dense(10).build(Seed.of(9))) {
            average.putAll(values(net.parameters()));
            List<Double> losses = new ArrayList<>();
            Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(40).epochs(4).validation(data.head(50)).averaging(averaging)
                    .listener(new TrainingListener() {
                        @Override
                        public void step(Control control) {
                            long t = control.step();
                            double kept = warm ? Math.min(decay, t / (9.0 + t)) : decay;
                            if (from > 0) {
                                long before = Math.max(0, t / 4 - from);
                                kept = t % 4 == 0 ? before / (before + 1.0) : 1;
                            }
                            for (Map.Entry<String, double[]> entry : average.entrySet()) {
                                double[] now = net.parameter(entry.getKey()).toDoubles();
                                double[] values = entry.getValue();
                                double share = kept;
                                Arrays.setAll(values, i -> share * values[i] + (1 - share) * now[i]);
                            }
                        }

                        @Override
                        public void epoch(EpochReport report, Control control) {
                            losses.add(report.validationLoss());
                            assertThat(Arrays.equals(net.parameter("conv1.weight").toDoubles(), average.get("conv1.weight"))).isEqualTo(from >= report.epoch());
                        }
                    }).fit(data);
            average.forEach((name, expected) -> assertThat(net.parameter(name).toDoubles()).as(name).containsExactly(expected, Offset.offset(2e-6)));
            assertThat(run.evaluate(data.head(50)).loss()).isEqualTo(losses.getLast());
        }
    }

    @Test
    void averagesAreMeasuredAndComeOut() {
        checkAverage(Averaging.exponential(0.9), false, 0.9, 0);
        checkAverage(Averaging.exponential(0.99).withWarmUp(), true, 0.99, 0);
        checkAverage(Averaging.stochastic(2), false, 0, 2);
    }

    @Test
    void theRateFallsOnAPlateau() {
        Dataset data = Digits.load().train().head(160);
        try (Network net = digits()) {
            // nothing is learnt with a rate this small
            Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(Schedule.plateau(1e-7).patience(1).factor(0.5))).batch(40).epochs(7)
                    .validation(data).fit(data);
            assertThat(run.history()).extracting(EpochReport::rate).first().isEqualTo(1e-7);
            assertThat(run.history().getLast().rate()).isLessThan(1e-7);
            assertThatThrownBy(() -> Trainer.of(net, Loss.crossEntropy(), Sgd.rate(Schedule.plateau(0.1).warmUp(3))).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("validation");
        }
    }

    /** All of it at once. */
    private static Trainer full(Network net) {
        return Trainer.of(net, Loss.crossEntropy(), Adam.decoupled(Schedule.plateau(3e-3).patience(0).factor(0.5).warmUp(4)))
                .group("first", p -> p.name().startsWith("conv1"), Sgd.rate(Schedule.oneCycle(0.05)).momentum(0.9))
                .group("plain", p -> p.shape().rank() == 1, RmsProp.rate(1e-3).byVariance())
                .group("last", p -> p.name().startsWith("dense2"), Lamb.rate(1e-2))
                .clipValue(1).clipNorm(0.5).accumulate(3).averaging(Averaging.exponential(0.9)).validation(0.2).earlyStopping(3)
                .batch(32).epochs(3).seed(Seed.of(5));
    }

    private static Network layered() {
        return Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().maxPool(2).dropout(0.2).dense(16).tanh().dense(10).build(Seed.of(7));
    }

    @Test
    void allOfItIsResumedExactly(@TempDir Path folder) {
        Dataset data = Digits.load().train().head(400);
        String straight;
        try (Network net = layered()) {
            full(net).fit(data);
            straight = net.sha256();
        }
        for (long stopAfter : new long[] {1, 3, 9, 10, 11, 20, 25}) {
            try (Network net = layered()) {
                full(net).checkpoints(folder, 1).keep(1).listener(new TrainingListener() {
                    @Override
                    public void step(Control control) {
                        if (control.step() == stopAfter) {
                            control.stop();
                        }
                    }
                }).fit(data);
            }
            try (Network net = layered()) {
                full(net).resume(Checkpoint.file(folder, stopAfter)).fit(data);
                assertThat(net.sha256()).as("stopped after step %d", stopAfter).isEqualTo(straight);
            }
        }
        try (Network net = layered()) {
            assertThatThrownBy(() -> full(net).clipNorm(1).resume(Checkpoint.file(folder, 25)).fit(data))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("clipNorm=1.0");
        }
    }

    @Test
    void allOfItDoesNotDependOnTheThreads() {
        Dataset data = Digits.load().train().head(300);
        List<String> hashes = new ArrayList<>();
        int before = Cpu.threads();
        try {
            for (int threads : new int[] {1, 3}) {
                Cpu.setThreads(threads);
                try (Network net = layered()) {
                    full(net).fit(data);
                    hashes.add(net.sha256());
                }
            }
        } finally {
            Cpu.setThreads(before);
        }
        assertThat(hashes).containsOnly(hashes.getFirst());
    }

    @Test
    void badSettingsAreRefused() {
        try (Network net = net()) {
            Trainer trainer = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1));
            assertThatThrownBy(() -> trainer.clipNorm(0)).hasMessageContaining("norm").hasMessageContaining("0.0");
            assertThatThrownBy(() -> trainer.clipValue(Double.NaN)).hasMessageContaining("value").hasMessageContaining("NaN");
            assertThatThrownBy(() -> trainer.accumulate(0)).hasMessageContaining("0");
            assertThatThrownBy(() -> trainer.group("", p -> true, Sgd.rate(1))).hasMessageContaining("name");
            trainer.group("a", p -> true, Sgd.rate(1));
            assertThatThrownBy(() -> trainer.group("a", p -> true, Sgd.rate(1))).hasMessageContaining("\"a\"");
            assertThatThrownBy(() -> Averaging.exponential(1)).hasMessageContaining("1.0");
            assertThatThrownBy(() -> Averaging.stochastic(0)).hasMessageContaining("0");
            assertThatThrownBy(() -> trainer.averaging(Averaging.stochastic(1)).compile(4)).hasMessageContaining("epochs");
            assertThatThrownBy(() -> Schedule.oneCycle(0.1).share(1.5)).hasMessageContaining("1.5");
            assertThatThrownBy(() -> Schedule.oneCycle(0.1).momenta(0.9, 0.8)).hasMessageContaining("0.9");
            assertThatThrownBy(() -> Schedule.plateau(0.1).factor(1)).hasMessageContaining("1.0");
            assertThatThrownBy(() -> Schedule.cyclic(0.1, 1, 0, 1)).hasMessageContaining("0");
            assertThatThrownBy(() -> Schedule.exponential(-1, 0.5)).hasMessageContaining("-1.0");
        }
    }
}
