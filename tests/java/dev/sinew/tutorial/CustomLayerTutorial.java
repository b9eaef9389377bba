package dev.sinew.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.Digits;
import dev.sinew.diagnosis.GradientCheck;
import dev.sinew.functional.CustomGradient;
import dev.sinew.nn.Block;
import dev.sinew.nn.Conv;
import dev.sinew.nn.GraphBuilder;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Join;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.nn.Value;
import dev.sinew.optim.Adam;
import dev.sinew.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How to write layers, blocks, joins and gradients of one's own, and nets that are graphs. Each part is run as a test; only
 * the public classes are used.
 */
class CustomLayerTutorial {
    /**
     * 1. A layer is a description: a kind (the word for names), the shape of its output, its parameters, and what it does to
     * a batch by operations on tensors. This one multiplies each channel by a weight of its own, which begins small
     * (Touvron et al. 2021, CaiT, section 2.3). Shapes are those of one sample; tensors have the batch in front.
     */
    record ChannelScale(double first) implements Layer {
        @Override
        public String kind() {
            return "scale";
        }

        @Override
        public Shape output(Shape input) {
            if (input.rank() != 3) {
                throw new IllegalArgumentException("scale: needs [channels, height, width], the input is " + input);
            }
            return input;
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            return List.of(ParameterSpec.of("weight", Shape.of(input.dim(0), 1, 1), new Initializer.Constant(first)));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.mul(context.parameter("weight"), Broadcast.YES);
        }

        @Override
        public String parameterFormula(Shape input) {
            return Long.toString(input.dim(0));
        }
    }

    /** Its gradient follows from its operations. It can be checked, and the layer used like any other. */
    @Test
    void aLayer() {
        GradientCheck.of(new ChannelScale(0.1), Shape.of(3, 4, 5), Seed.of(1)).check();
        try (Network net = Network.input(1, 8, 8).conv(4, 3, 1).relu().layer(new ChannelScale(0.1)).dense(10).build(Seed.of(1))) {
            assertThat(net.summary()).contains("scale1");
            assertThat(net.parameter("scale1.weight").toFloats()).containsOnly(0.1f);
        }
    }

    /**
     * 2. A block is a layer made of others. In a net its layers stand one by one; a convolution here is named
     * {@code gate1.dense1}. This one weighs the channels by what is in all of the image (Hu et al. 2018).
     */
    record Gate(long hidden) implements Block {
        @Override
        public String kind() {
            return "gate";
        }

        @Override
        public Value build(Value x) {
            long channels = x.shape().dim(0);
            Value weights = x.globalAvgPool().dense(hidden).relu().dense(channels).sigmoid()
                    .function("image", w -> w.reshape(w.shape().dim(0), channels, 1, 1));
            return x.graph().layer(Join.multiply().broadcast(), x, weights);
        }
    }

    @Test
    void aBlock() {
        GradientCheck.of(new Gate(2), Shape.of(3, 4, 4), Seed.of(1)).check();
        try (Network net = Network.input(1, 8, 8).conv(6, 3).layer(new Gate(2)).dense(10).build(Seed.of(1))) {
            assertThat(net.parameters()).containsKeys("gate1.dense1.weight", "gate1.dense2.bias");
        }
    }

    /**
     * 3. A gradient of one's own, where that of the operations is not what is wanted: sign(x) has the gradient 0; this one
     * passes on the gradient of the result where |x| is at most 1 (Courbariaux et al. 2016).
     */
    static Tensor binarize(Tensor x) {
        return CustomGradient.apply("binarize", in -> in[0].sign(), (in, result, dy) -> {
            Tensor ones = in[0].mul(0).add(1);
            return new Tensor[] {dy.mul(ones.greater(in[0].abs(), Broadcast.NO))};
        }, x);
    }

    /** A dense layer whose weights are -1 and 1 when it is used; the training moves the real numbers behind them. */
    record BinaryDense(long units) implements Layer {
        @Override
        public String kind() {
            return "binary";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(units);
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            return List.of(ParameterSpec.of("weight", Shape.of(input.count(), units), Initializer.standard()));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.flatten().matmul(binarize(context.parameter("weight"))).mul(0.1);
        }
    }

    @Test
    void aGradientOfOnesOwn() {
        try (Network net = Network.input(1, 8, 8).conv(8, 3).relu().maxPool(2).layer(new BinaryDense(10)).build(Seed.of(1)); Scope _ = Scope.open()) {
            var digits = Digits.load();
            var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(3e-3)).batch(32).epochs(8).fit(digits.train());
            assertThat(run.evaluate(digits.test()).accuracy()).isGreaterThan(0.8);
        }
    }

    /**
     * 4. A net that is a graph: branches that are concatenated, a sum, and a second head that only helps in training. The
     * names of blocks and layers are those of the saved parameters, and of {@code activations}, {@code freeze} and
     * {@code withHead}.
     */
    private static GraphBuilder twoHeads() {
        GraphBuilder g = Network.graph();
        Value x = g.input("image", 1, 8, 8);
        Value stem = x.block("stem", v -> v.conv(8, 3, 1).batchNorm().relu());
        Value wide = stem.concat(stem.layer(Conv.of(8, 5).pad(2)).relu(), stem.maxPool(2).function("twice", t -> {
            long[] d = t.shape().dims();
            return t.reshape(d[0], d[1], d[2], 1, d[3], 1).broadcastTo(d[0], d[1], d[2], 2, d[3], 2).reshape(d[0], d[1], 2 * d[2], 2 * d[3]);
        })).maxPool(2);
        Value deep = wide.conv(24, 3, 1).named("deep").relu().add(wide);
        g.auxiliary("early", wide.globalAvgPool().dense(10));
        return g.output("digit", deep.dense(10));
    }

    @Test
    void aGraph() {
        try (Network net = twoHeads().build(Seed.of(3))) {
            var digits = Digits.load();
            var both = Objective.of("digit", Loss.crossEntropy()).and("early", Loss.crossEntropy(), 0.3);
            var run = Trainer.of(net, both, Adam.rate(3e-3)).batch(32).epochs(4).fit(digits.train());
            assertThat(run.evaluate(digits.test()).accuracy()).isGreaterThan(0.9);
            // another task: the features stay as they are, a new head learns to tell odd from even digits
            try (Network odd = net.withHead("relu2", v -> v.dense(2).named("parity"), Seed.of(4)).freeze("stem", "conv1", "deep").inferenceMode("stem");
                    Scope _ = Scope.open()) {
                assertThat(odd.trainable()).hasSize(2);
                Tensor images = Tensor.uniform(Shape.of(4, 1, 8, 8), 0, 1, 1);
                assertThat(odd.activations(images, "stem", "deep")).hasSize(2);
                assertThat(odd.predict(images).shape()).isEqualTo(Shape.of(4, 2));
            }
        }
    }
}
