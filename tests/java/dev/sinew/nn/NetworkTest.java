package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.LiveMemory;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkTest {
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

    private static Network.Builder small() {
        return Network.input(1, 12, 12).layer(Conv.of(6, 3).pad(1)).batchNorm().relu().maxPool(2)
                .residual(List.of(Conv.of(6, 3).pad(1), Normalize.standard()), List.of()).relu()
                .residual(List.of(Conv.of(8, 3).pad(1).stride(2)), List.of(Conv.of(8, 1).stride(2))).relu()
                .dropout(0.5).globalAvgPool().dense(10);
    }

    private static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }

    @Test
    void manyThreadsPredictWithOneNetwork() throws Exception {
        int threads = 64;
        try (Network net = small().build(Seed.of(3)); Scope scope = Scope.open()) {
            List<float[]> inputs = new ArrayList<>();
            List<float[]> expected = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int batch = 1 + i % 5;
                inputs.add(random(batch * 144, i));
                expected.add(net.predict(Tensor.of(inputs.get(i), batch, 1, 12, 12)).toFloats());
            }
            CountDownLatch ready = new CountDownLatch(threads);
            try (var pool = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> results = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    int mine = i;
                    results.add(pool.submit(() -> {
                        ready.countDown();
                        ready.await();
                        for (int repeat = 0; repeat < 40; repeat++) {
                            int k = (mine + repeat) % threads;
                            try (var inner = Scope.open()) {
                                Tensor y = net.predict(Tensor.of(inputs.get(k), inputs.get(k).length / 144, 1, 12, 12));
                                assertThat(y.toFloats()).isEqualTo(expected.get(k));
                            }
                        }
                        return null;
                    }));
                }
                for (Future<?> result : results) {
                    result.get();
                }
            }
        }
    }

    @Test
    void inferenceIsTheSameForOneSampleAndForMany() {
        try (Network net = small().build(Seed.of(3)); Scope scope = Scope.open()) {
            Tensor x = Tensor.of(random(7 * 144, 1), 7, 1, 12, 12);
            Tensor all = net.predict(x);
            for (int i = 0; i < 7; i++) {
                Tensor one = net.predict(x.slice(0, i, 1));
                assertThat(one.shape()).isEqualTo(Shape.of(1, 10));
                for (int c = 0; c < 10; c++) {
                    assertThat(one.get(0, c)).isCloseTo(all.get(i, c), org.assertj.core.data.Offset.offset(2e-6));
                }
            }
        }
    }

    @Test
    void anInferencePlanAllocatesNothing() {
        try (Network net = small().build(Seed.of(3)); Plan plan = net.inference(1); Scope scope = Scope.open()) {
            Tensor x = Tensor.of(random(144, 1), 1, 1, 12, 12);
            Tensor[] inputs = {x};
            for (int i = 0; i < 20_000; i++) {
                plan.run(inputs);
            }
            var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
            long live = LiveMemory.settled();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                plan.run(inputs);
            }
            assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 10_000.0).as("bytes per run").isLessThan(8);
            assertThat(NativeMemory.liveBytes()).isEqualTo(live);
            assertThat(plan.output(0).toFloats()).isEqualTo(net.predict(x).toFloats());
        }
    }

    @Test
    void anInferencePlanNormalisesAndPermutesNothing() {
        try (Network net = Network.input(1, 12, 12).layer(Conv.of(6, 3).noBias()).batchNorm().relu().maxPool(2).dense(9).batchNorm().relu()
                .dense(4).build(Seed.of(3)); Plan plan = net.inference(2)) {
            assertThat(plan.operations()).hasSize(3).satisfiesExactly( // the convolution pools its result
                    op -> assertThat(op).startsWith("conv2d(f32[2, 1, 12, 12], f32[6, 1, 3, 3], ").endsWith("f32[6])"),
                    op -> assertThat(op).startsWith("matmul(f32[2, 150], f32[9, 150], ").endsWith("f32[9])"), op -> assertThat(op).startsWith("matmul(f32[2, 9], f32[4, 9], ").endsWith("f32[4])"));
        }
    }

    /** What a plan and the layers one by one give differs by rounding only, whatever the parameters become. */
    @Test
    void inferenceFollowsTheParameters() {
        try (Network net = small().build(Seed.of(3), DType.F64); Plan plan = net.inference(3); Scope scope = Scope.open()) {
            Random random = new Random(5);
            for (int round = 0; round < 3; round++) {
                for (Tensor parameter : net.parameters().values()) {
                    double[] values = parameter.toDoubles();
                    for (int i = 0; i < values.length; i++) {
                        values[i] = 0.5 + random.nextDouble() - (parameter.shape().rank() > 1 ? 1 : 0);
                    }
                    parameter.copyFrom(Tensor.of(values, parameter.shape().dims()));
                    Tensor x = Tensor.normal(Shape.of(3, 1, 12, 12), 0, 1, round).cast(DType.F64);
                    plan.run(x);
                    // some 100 roundings of 1e-16 each on the way to an output, of numbers up to some 100 in between
                    dev.sinew.Close.within("round " + round, plan.output(0), net.forward(x), 1e-12, 1e-11);
                }
            }
        }
    }

    @Test
    void aPlanOfAClosedNetworkIsRefused() {
        Network net = small().build(Seed.of(3));
        try (Plan plan = net.inference(1); Scope scope = Scope.open()) {
            Tensor x = Tensor.zeros(1, 1, 12, 12);
            plan.run(x);
            net.close();
            assertThatThrownBy(() -> plan.run(x)).isInstanceOf(IllegalStateException.class).hasMessageContaining("a network, which is closed");
        }
    }

    /** Backpropagation through every layer, batch statistics included, against central differences in double. */
    @Test
    void gradientsOfAWholeNetwork() {
        try (Network net = small().build(Seed.of(3), DType.F64); Scope scope = Scope.open()) {
            double[] values = new double[3 * 144];
            Random random = new Random(9);
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextDouble() * 2 - 1;
            }
            Tensor x = Tensor.of(values, 3, 1, 12, 12);
            Tensor labels = Tensor.of(new int[] {1, 7, 2}, 3);
            Tensor step = Tensor.of(new long[] {4});
            Tensor[] parameters = net.trainable().toArray(Tensor[]::new);
            Tensor loss = Loss.crossEntropy().apply(net.forward(x, true, step), labels);
            Gradients gradients = Gradients.of(loss, parameters);
            double eps = 1e-6;
            for (Tensor parameter : parameters) {
                double[] analytic = gradients.get(parameter).toDoubles();
                double[] original = parameter.toDoubles();
                for (int probe = 0; probe < 6; probe++) {
                    int i = random.nextInt(original.length);
                    double numeric = (lossWith(net, parameter, original, i, eps, x, labels, step)
                            - lossWith(net, parameter, original, i, -eps, x, labels, step)) / (2 * eps);
                    assertThat(analytic[i]).as("%s element %d", parameter.spec(), i)
                            .isCloseTo(numeric, org.assertj.core.data.Offset.offset(1e-5 + 1e-3 * Math.abs(numeric)));
                }
            }
        }
    }

    private static double lossWith(Network net, Tensor parameter, double[] original, int i, double change, Tensor x, Tensor labels, Tensor step) {
        double[] changed = original.clone();
        changed[i] += change;
        parameter.copyFrom(Tensor.of(changed, parameter.shape().dims()));
        double loss = Loss.crossEntropy().apply(net.forward(x, true, step), labels).item();
        parameter.copyFrom(Tensor.of(original, parameter.shape().dims()));
        return loss;
    }

    /** Values that a net gives in channels-last order are taken by another. */
    @Test
    void predictTakesWhatActivationsGave() {
        try (var _ = Scope.open(); Network first = Network.input(2, 5, 5).conv(16, 3).relu().conv(16, 3).build(Seed.of(1));
                Network second = Network.input(16, 3, 3).dense(4).build(Seed.of(2))) {
            Tensor maps = first.activations(Tensor.uniform(Shape.of(3, 2, 5, 5), -1, 1, 4), "relu1").get("relu1");
            Tensor same = Tensor.of(maps.toFloats(), 3, 16, 3, 3);
            assertThat(second.predict(maps).toFloats()).containsExactly(second.predict(same).toFloats());
        }
    }

    @Test
    void summaryStatesFormulasBeforeAnythingIsAllocated() {
        long peak = NativeMemory.peakBytes();
        long live = LiveMemory.settled();
        String summary = Network.input(3, 28, 28).conv(100, 3, 1).relu().dense(10).summary();
        assertThat(summary).contains("[100, 28, 28]", "(28 - 3 + 2*1)/1 + 1 = 28", "2,800", "(3*3*3 + 1) * 100",
                "100*28*28 = 78400 inputs", "planned memory");
        assertThat(NativeMemory.liveBytes()).isEqualTo(live);
        assertThat(NativeMemory.peakBytes()).isEqualTo(peak);
    }

    @Test
    void parameterCounts() {
        assertThat(Network.input(784).dense(512).tanh().dense(512).tanh().dense(10).architecture().parameterCount()).isEqualTo(669_706);
    }

    @Test
    void layersThatDoNotFitAreNamedWithTheFormula() {
        assertThatThrownBy(() -> Network.input(1, 4, 4).conv(8, 3).relu().conv(8, 5).build(Seed.of(1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("layer conv2").hasMessageContaining("5x5").hasMessageContaining("[8, 2, 2]");
        assertThatThrownBy(() -> Network.input(10).conv(8, 3).build(Seed.of(1))).hasMessageContaining("conv1").hasMessageContaining("[10]");
        assertThatThrownBy(() -> Network.input(3, 8, 8).layer(Conv.of(8, 3).groups(2)).build(Seed.of(1))).hasMessageContaining("groups");
        assertThatThrownBy(() -> Network.input(0, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Network.input(1, 8, 8).dense(0)).hasMessageContaining("0");
        assertThatThrownBy(() -> Network.input(1, 8, 8).dropout(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Network.input(1, 8, 8).layer(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Network.input(1, 8, 8).dense(4).build(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Network.input(1, 8, 8).dense(4).build(Seed.of(1), DType.I32)).hasMessageContaining("I32");
        assertThatThrownBy(() -> Network.input(1, 8, 8).residual(List.of(Conv.of(3, 3)), List.of()).build(Seed.of(1)))
                .hasMessageContaining("residual").hasMessageContaining("[3, 6, 6]");
    }

    @Test
    void inputsThatDoNotFitAndClosedNetworksAreRefused() {
        Network net = small().build(Seed.of(3));
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> net.predict(Tensor.zeros(1, 1, 12, 13))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[N, 1, 12, 12]").hasMessageContaining("[1, 1, 12, 13]");
            assertThatThrownBy(() -> net.predict(Tensor.zeros(12))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> net.predict(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> net.predict(Tensor.full(DType.F64, Shape.of(1, 1, 12, 12), 0))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> net.inference(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> net.parameter("nothing")).hasMessageContaining("conv1.weight");
            Tensor x = Tensor.zeros(1, 1, 12, 12);
            net.predict(x);
            net.close();
            net.close();
            assertThatThrownBy(() -> net.predict(x)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
            assertThatThrownBy(() -> net.parameter("conv1.weight").toFloats()).isInstanceOf(IllegalStateException.class);
        }
    }
}
