package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Plan;
import dev.sinew.op.Window2d;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nets that are graphs. */
class GraphNetworkTest {
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

    static Tensor random(long seed, long... shape) {
        Random random = new Random(seed);
        double[] values = new double[(int) Shape.of(shape).count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextDouble() * 2 - 1;
        }
        return Tensor.of(values, shape);
    }

    /** The four branches of GoogLeNet's module, as a layer of one's own. */
    record Inception(long one, long reduce, long three, long pool) implements Block {
        @Override
        public String kind() {
            return "inception";
        }

        @Override
        public Value build(Value x) {
            return x.conv(one, 1).relu().concat(x.conv(reduce, 1).relu().conv(three, 3, 1).relu(),
                    x.maxPool(Window2d.of(3).stride(1).pad(1)).conv(pool, 1).relu());
        }
    }

    /** Two modules, each followed by a head; the first head serves training only. */
    static GraphBuilder googlenet() {
        GraphBuilder g = Network.graph();
        Value stem = g.input("image", 1, 8, 8).conv(4, 3, 1).named("stem").relu();
        Value middle = stem.layer(new Inception(3, 2, 4, 2));
        Value top = middle.maxPool(2).layer(new Inception(4, 3, 5, 3));
        return g.auxiliary("aux", middle.avgPool(4).dropout(0.4).dense(10)).output("logits", top.globalAvgPool().dense(10));
    }

    /** Two levels down and up, each skip being concatenated. */
    static GraphBuilder unet() {
        GraphBuilder g = Network.graph();
        Value x = g.input("image", 1, 8, 8);
        Value first = x.block("down1", v -> v.conv(4, 3, 1).batchNorm().relu());
        Value second = first.maxPool(2).block("down2", v -> v.conv(6, 3, 1).batchNorm().relu());
        Value bottom = second.maxPool(2).conv(8, 3, 1).relu();
        Value up2 = g.concat(second, twice(bottom)).block("up2", v -> v.conv(6, 3, 1).relu());
        Value up1 = first.concat(twice(up2)).block("up1", v -> v.conv(4, 3, 1).relu());
        return g.output("mask", up1.conv(2, 1));
    }

    /** Each pixel four times. */
    private static Value twice(Value x) {
        return x.function("twice", t -> {
            long[] d = t.shape().dims();
            return t.reshape(d[0], d[1], d[2], 1, d[3], 1).broadcastTo(d[0], d[1], d[2], 2, d[3], 2).reshape(d[0], d[1], 2 * d[2], 2 * d[3]);
        });
    }

    /** The distance between what one tower makes of two images. */
    static GraphBuilder siamese() {
        GraphBuilder g = Network.graph();
        var tower = g.shared("tower", v -> v.conv(4, 3).batchNorm().relu().dropout(0.5).dense(5));
        Value a = tower.apply(g.input("left", 1, 6, 6));
        Value b = tower.apply(g.input("right", 1, 6, 6));
        return g.output("distance", g.layer(Join.of("distance", in -> in.get(0).sub(in.get(1)).square().sum(1)), a, b));
    }

    @Test
    void namesOfParametersFollowLayersAndBlocks() {
        assertThat(googlenet().architecture().parameters()).extracting(ParameterSpec::name).contains("stem.weight",
                "inception1.conv1.weight", "inception1.conv4.bias", "inception2.conv2.weight", "dense1.weight", "dense2.bias");
        assertThat(unet().architecture().parameters()).extracting(ParameterSpec::name).containsExactly("down1.conv1.weight", "down1.conv1.bias",
                "down1.batchnorm1.weight", "down1.batchnorm1.bias", "down1.batchnorm1.running_mean", "down1.batchnorm1.running_var",
                "down2.conv1.weight", "down2.conv1.bias", "down2.batchnorm1.weight", "down2.batchnorm1.bias", "down2.batchnorm1.running_mean",
                "down2.batchnorm1.running_var", "conv1.weight", "conv1.bias", "up2.conv1.weight", "up2.conv1.bias", "up1.conv1.weight",
                "up1.conv1.bias", "conv2.weight", "conv2.bias");
        assertThat(siamese().architecture().parameters()).extracting(ParameterSpec::name).containsExactly("tower.conv1.weight", "tower.conv1.bias",
                "tower.batchnorm1.weight", "tower.batchnorm1.bias", "tower.batchnorm1.running_mean", "tower.batchnorm1.running_var",
                "tower.dense1.weight", "tower.dense1.bias");
    }

    @Test
    void namesCanBeGivenToLayersAndBlocks() {
        var net = Network.input(3, 8, 8).conv(4, 3).named("stem").conv(4, 3, 1).relu()
                .residual(List.of(Conv.of(4, 3).pad(1)), List.of()).named("layer1.0").block("head", b -> b.dense(6).named("first").dense(2)).dense(2);
        assertThat(net.architecture().parameters()).extracting(ParameterSpec::name).containsExactly("stem.weight", "stem.bias",
                "conv1.weight", "conv1.bias", "layer1.0.body.conv1.weight", "layer1.0.body.conv1.bias", "head.first.weight", "head.first.bias",
                "head.dense1.weight", "head.dense1.bias", "dense1.weight", "dense1.bias");
        assertThatThrownBy(() -> Network.input(3).dense(2).named("a").dense(2).named("a")).hasMessageContaining("a is taken");
        assertThatThrownBy(() -> Network.input(3).dense(2).named("no good")).hasMessageContaining("\"no good\"");
        assertThatThrownBy(() -> Network.input(3).named("x")).hasMessageContaining("input");
        assertThatThrownBy(() -> Network.input(3).block("a", b -> b.dense(2)).block("a", b -> b.dense(2))).hasMessageContaining("a is taken");
        assertThat(Network.input(3).dense(2).named("dense2").dense(2).dense(2).architecture().parameters()).extracting(ParameterSpec::name)
                .containsExactly("dense2.weight", "dense2.bias", "dense1.weight", "dense1.bias", "dense3.weight", "dense3.bias");
    }

    @Test
    void theSummaryTellsWhatEachLayerTakes() {
        GraphBuilder g = Network.graph();
        Value x = g.input("image", 3, 8, 8);
        Value a = x.conv(4, 3, 1).named("stem").relu();
        Value b = a.conv(2, 1);
        g.auxiliary("aux", b.dense(3)).output("logits", a.concat(b).globalAvgPool().dense(3));
        assertThat(g.summary().lines().limit(11).toList()).containsExactly(
                "layer           inputs        output     size                     parameters  formula           FLOPs",
                "image                         [3, 8, 8]",
                "stem                          [4, 8, 8]  (8 - 3 + 2*1)/1 + 1 = 8         112  (3*3*3 + 1) * 4  13,824",
                "relu1                         [4, 8, 8]",
                "conv1                         [2, 8, 8]  (8 - 1 + 2*0)/1 + 1 = 8          10  (1*1*4 + 1) * 2   1,024",
                "dense1                        [3]        2*8*8 = 128 inputs              387  (128 + 1) * 3       768",
                "concat1         relu1, conv1  [6, 8, 8]  4 + 2 = 6",
                "globalavgpool1                [6]                                                                 384",
                "dense2                        [3]                                         21  (6 + 1) * 3          36",
                "outputs: aux of dense1 (training only), logits of dense2",
                "parameters: 530 trainable, 2120 B");
    }

    @Test
    void theSummaryOfSharedLayersCountsThemOnce() {
        assertThat(siamese().summary()).contains("tower.conv1#2", "those of tower.conv1", "tower.dense1, tower.dense1#2");
        assertThat(siamese().architecture().parameterCount()).isEqualTo((9 + 1) * 4 + 2 * 4 + (64 + 1) * 5);
    }

    /** A sequence's summary has no column for what each layer takes. */
    @Test
    void aSequenceIsAGraphWithoutBranches() {
        GraphBuilder g = Network.graph();
        g.output(g.input(3, 28, 28).conv(100, 3, 1).relu().dense(10));
        Network.Builder sequence = Network.input(3, 28, 28).conv(100, 3, 1).relu().dense(10);
        assertThat(g.summary()).isEqualTo(sequence.summary()).doesNotContain("inputs  output");
        try (Network a = g.build(Seed.of(5)); Network b = sequence.build(Seed.of(5))) {
            assertThat(a.sha256()).isEqualTo(b.sha256());
        }
    }

    @Test
    void plansAndLayersOneByOneAgree() {
        for (GraphBuilder g : List.of(googlenet(), unet(), siamese())) {
            try (Network net = g.build(Seed.of(3), DType.F64); Plan plan = net.inference(3); Scope _ = Scope.open()) {
                Tensor[] x = net.architecture().inputs().values().stream().map(s -> random(s.hashCode(), s.withFirst(3).dims())).toArray(Tensor[]::new);
                plan.run(x);
                Close.within(g.toString(), plan.output(0), net.forward(List.of(x)).getFirst(), 1e-12, 1e-12);
            }
        }
    }

    /** What the builder makes against the same operations by hand: values and gradients, the tower's weights being used twice. */
    @Test
    void gradientsOfSharedWeightsAreThoseOfTheSumOverTheUses() {
        GraphBuilder g = Network.graph();
        var tower = g.shared("tower", v -> v.conv(4, 3).tanh().dense(5));
        Value a = tower.apply(g.input("left", 1, 6, 6));
        Value b = tower.apply(g.input("right", 1, 6, 6));
        g.output("product", a.mul(b));
        try (Network net = g.build(Seed.of(3), DType.F64); Scope _ = Scope.open()) {
            Tensor left = random(1, 3, 1, 6, 6);
            Tensor right = random(2, 3, 1, 6, 6);
            Tensor[] parameters = net.trainable().toArray(Tensor[]::new);
            Tensor[] byHand = new Tensor[2];
            Tensor[] in = {left, right};
            for (int i = 0; i < 2; i++) {
                Tensor h = in[i].conv2d(parameters[0], parameters[1], Window2d.of(3), 1).tanh().flatten();
                byHand[i] = h.matmul(parameters[2].transpose()).add(parameters[3], dev.sinew.Broadcast.YES);
            }
            Tensor loss = byHand[0].mul(byHand[1]).square().mean();
            Tensor ours = net.forward(List.of(left, right), true, null).getFirst().square().mean();
            Gradients expected = Gradients.of(loss, parameters);
            Gradients got = Gradients.of(ours, parameters);
            Close.within("loss", ours, loss, 1e-14, 1e-14);
            for (Tensor p : parameters) {
                Close.within(p.spec().toString(), got.get(p), expected.get(p), 1e-13, 1e-13);
            }
        }
    }

    @Test
    void auxiliaryOutputsCostNothingInInference() {
        GraphBuilder g = Network.graph();
        Value middle = g.input(1, 8, 8).conv(4, 3).relu();
        g.auxiliary("aux", middle.dense(10)).output("logits", middle.globalAvgPool().dense(10));
        Architecture without = Network.input(1, 8, 8).conv(4, 3).relu().globalAvgPool().dense(10).architecture();
        assertThat(g.architecture().flops()).isEqualTo(without.flops());
        try (Network net = g.build(Seed.of(1)); Plan plan = net.inference(2); Plan both = net.inference(2, "logits", "aux"); Scope _ = Scope.open()) {
            assertThat(plan.flops()).isEqualTo(2 * without.flops());
            assertThat(both.flops()).isGreaterThan(plan.flops());
            Tensor x = Tensor.zeros(2, 1, 8, 8);
            assertThat(net.forward(List.of(x), true, null)).hasSize(2);
            assertThat(net.forward(List.of(x))).hasSize(1);
            assertThat(net.predictAll(Map.of("input", x))).containsOnlyKeys("logits");
            assertThat(net.predict(x).shape()).isEqualTo(Shape.of(2, 10));
            assertThat(net.architecture().outputs(true)).containsOnlyKeys("aux", "logits");
        }
    }

    @Test
    void activationsOfLayersAndBlocks() {
        try (Network net = unet().build(Seed.of(1)); Scope _ = Scope.open()) {
            Tensor x = Tensor.normal(Shape.of(2, 1, 8, 8), 0, 1, 4);
            Map<String, Tensor> values = net.activations(x, "down2", "down2.relu1", "conv1", "mask", "image");
            assertThat(values).containsOnlyKeys("down2", "down2.relu1", "conv1", "mask", "image");
            assertThat(values.get("down2").toFloats()).isEqualTo(values.get("down2.relu1").toFloats());
            assertThat(values.get("conv1").shape()).isEqualTo(Shape.of(2, 8, 2, 2));
            assertThat(values.get("image").toFloats()).isEqualTo(x.toFloats());
            assertThat(values.get("mask").toFloats()).isEqualTo(net.predict(x).toFloats());
            assertThatThrownBy(() -> net.activations(x, "conv7")).hasMessageContaining("conv7").hasMessageContaining("down2");
        }
    }

    /** Two uses of a layer with dropout drop different elements. */
    @Test
    void usesOfASharedDropoutDiffer() {
        GraphBuilder g = Network.graph();
        var drop = g.shared(new Drop(0.5));
        Value x = g.input(200);
        g.output("difference", g.layer(Join.of("sub", in -> in.get(0).sub(in.get(1))), drop.apply(x), drop.apply(x)));
        try (Network net = g.build(Seed.of(1)); Scope _ = Scope.open()) {
            Tensor y = net.forward(Tensor.full(DType.F32, Shape.of(1, 200), 1), true, Tensor.of(new long[] {1}));
            assertThat(y.abs().sum().item()).isGreaterThan(100);
        }
    }

    @Test
    void graphsThatDoNotFitAreRefusedWithTheLayersName() {
        GraphBuilder g = Network.graph();
        Value x = g.input("image", 3, 8, 8);
        Value y = x.conv(4, 3);
        assertThatThrownBy(() -> x.add(y)).hasMessageContaining("layer add1").hasMessageContaining("[3, 8, 8]").hasMessageContaining("[4, 6, 6]");
        assertThatThrownBy(() -> g.concat(x, y)).hasMessageContaining("layer concat1").hasMessageContaining("[4, 6, 6]");
        assertThatThrownBy(() -> x.layer(new Inception(1, 1, 1, 1)).add(y)).hasMessageContaining("add2");
        assertThatThrownBy(() -> x.block("b", v -> v.conv(3, 20))).hasMessageStartingWith("layer b.conv1: ");
        assertThatThrownBy(() -> g.layer(Conv.of(3, 3), x, y)).hasMessageContaining("conv: takes one input, not 2");
        assertThatThrownBy(() -> Network.graph().layer(Join.add(), x)).hasMessageContaining("another graph");
        assertThatThrownBy(g::architecture).hasMessageContaining("no output");
        assertThatThrownBy(() -> g.output("y", y).architecture()).hasMessageContaining("leads to no output");
        assertThatThrownBy(() -> g.output("y", y)).hasMessageContaining("y already");
        assertThatThrownBy(() -> g.input("image", 3)).hasMessageContaining("image is taken");
        var shared = g.shared(Dense.of(3));
        shared.apply(x);
        assertThatThrownBy(() -> shared.apply(y)).hasMessageContaining("dense1").hasMessageContaining("[3, 192]").hasMessageContaining("[3, 144]");
        assertThatThrownBy(() -> g.layer(Join.of("mean", in -> in.getFirst().mean()), x)).hasMessageContaining("layer mean1").hasMessageContaining("batch");
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        try (Network net = siamese().build(Seed.of(1)); Scope _ = Scope.open()) {
            Tensor x = Tensor.zeros(2, 1, 6, 6);
            assertThatThrownBy(() -> net.predict(x)).hasMessageContaining("2 inputs").hasMessageContaining("left");
            assertThatThrownBy(() -> net.predictAll(Map.of("left", x))).hasMessageContaining("[left, right]");
            assertThatThrownBy(() -> net.predictAll(Map.of("left", x, "right", Tensor.zeros(2, 1, 6, 5)))).hasMessageContaining("input right")
                    .hasMessageContaining("[N, 1, 6, 6]").hasMessageContaining("[2, 1, 6, 5]");
            assertThatThrownBy(() -> net.predictAll(Map.of("left", x, "right", Tensor.zeros(3, 1, 6, 6)))).hasMessageContaining("another size");
            assertThatThrownBy(() -> net.architecture().input()).isInstanceOf(IllegalStateException.class).hasMessageContaining("left");
        }
    }

    /** A block stands one by one in a net, and in one piece inside another layer: with the same names and values. */
    @Test
    void aBlockInsideAnotherLayerIsTheSame() {
        record Wrapped(Layer inner) implements Layer {
            @Override
            public String kind() {
                return "residual";
            }

            @Override
            public Shape output(Shape input) {
                return inner.output(input);
            }

            @Override
            public List<ParameterSpec> parameters(Shape input) {
                return inner.parameters(input);
            }

            @Override
            public Tensor apply(Context context, Tensor x) {
                return inner.apply(context, x);
            }
        }
        Residual block = new Residual(List.of(Conv.of(4, 3).pad(1), new Drop(0.5)), List.of(Conv.of(4, 1)));
        assertThat(block.parameterFormula(Shape.of(3, 8, 8))).isEqualTo("(3*3*3 + 1) * 4 + (1*1*3 + 1) * 4");
        try (Network a = Network.input(3, 8, 8).layer(block).build(Seed.of(2)); Network b = Network.input(3, 8, 8).layer(new Wrapped(block)).build(Seed.of(2));
                Scope _ = Scope.open()) {
            assertThat(b.parameters().keySet()).isEqualTo(a.parameters().keySet()).contains("residual1.body.conv1.weight");
            assertThat(b.sha256()).isEqualTo(a.sha256());
            Tensor x = Tensor.normal(Shape.of(2, 3, 8, 8), 0, 1, 4);
            Tensor step = Tensor.of(new long[] {1});
            assertThat(b.forward(x, true, step).toFloats()).isEqualTo(a.forward(x, true, step).toFloats());
        }
    }

    /** A layer that computes with its weight alone: in plans, too, with the weight as it is in each run. */
    private record Exponential() implements Layer {
        @Override
        public String kind() {
            return "exponential";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            return List.of(ParameterSpec.of("weight", input, new Initializer.Constant(0)));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.mul(context.parameter("weight").exp(), dev.sinew.Broadcast.YES);
        }
    }

    @Test
    void whatIsMadeOfAWeightAloneFollowsTheWeight() {
        try (Network net = Network.input(3).layer(new Exponential()).build(Seed.of(1), DType.F64); Plan plan = net.inference(2); Scope _ = Scope.open()) {
            Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
            plan.run(x);
            assertThat(plan.output(0).toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
            net.parameter("exponential1.weight").fill(1);
            plan.run(x);
            Close.within("after", plan.output(0), x.mul(Math.E), 1e-15, 1e-15);
        }
        try (Network net = Network.input(3).layer(new Exponential()).build(Seed.of(1));
                dev.sinew.train.TrainStep step = dev.sinew.train.Trainer.of(net, Loss.meanSquaredError(), dev.sinew.optim.Sgd.rate(1)).compile(2);
                Scope _ = Scope.open()) {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            for (int i = 0; i < 400; i++) {
                step.step(x, x.mul(2), 0.02);
            }
            for (float w : net.parameter("exponential1.weight").toFloats()) {
                assertThat(w).isCloseTo((float) Math.log(2), org.assertj.core.data.Offset.offset(1e-3f));
            }
        }
    }
}
