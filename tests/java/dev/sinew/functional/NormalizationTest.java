package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization.ResponseForm;
import dev.sinew.nn.ContrastNormalize;
import dev.sinew.nn.FullyConvolutional;
import dev.sinew.nn.GroupNormalize;
import dev.sinew.nn.InstanceNormalize;
import dev.sinew.nn.Layer;
import dev.sinew.nn.LayerNorm;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.nn.ResponseNormalize;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the golden data do not say of normalisation: errors, layers. */
@ExtendWith(Scoped.class)
class NormalizationTest {
    @Test
    void wrongArgumentsAreNamed() {
        Tensor x = Tensor.zeros(2, 4, 3, 3);
        Tensor w = Tensor.zeros(4);
        refused(() -> Normalization.layerNorm(x, 0, null, null, 1e-5), "layer_norm: dims", "not 0");
        refused(() -> Normalization.layerNorm(x, 5, null, null, 1e-5), "[2, 4, 3, 3]", "not 5");
        refused(() -> Normalization.layerNorm(x, 1, w, null, 1e-5), "layer_norm", "[3]", "[4]");
        refused(() -> Normalization.layerNorm(x, 1, null, Tensor.zeros(3), 1e-5), "a bias needs a weight");
        refused(() -> Normalization.rmsNorm(x, 2, w, 1e-5), "rms_norm", "[3, 3]");
        refused(() -> Normalization.rmsNorm(x, 1, null, -1), "eps", "-1");
        refused(() -> Normalization.groupNorm(x, 3, null, null, 1e-5), "3 groups do not divide 4 channels");
        refused(() -> Normalization.groupNorm(x, 2, Tensor.zeros(2), null, 1e-5), "group_norm", "[4]", "[2]");
        refused(() -> Normalization.instanceNorm(Tensor.zeros(3), null, null, 1e-5), "instance_norm", "[N, C, ...]");
        refused(() -> Normalization.localResponseNorm(x, 0, 1, 1, 1, ResponseForm.SUM), "local_response_norm", "not 0");
        refused(() -> Normalization.subtractive(x, Tensor.zeros(2, 2)), "[2, 4, 3, 3]", "[2, 2]");
        refused(() -> Normalization.divisive(w, Tensor.zeros(3, 3)), "[4]");
        refused(() -> Normalization.gaussian(4, 1), "odd", "4");
        refused(() -> Normalization.gaussian(3, 0), "sigma", "0.0");
        refused(() -> new LayerNorm(-1, 1e-5, true, false), "dims", "-1");
        refused(() -> new LayerNorm(1, 0, true, false), "eps", "0.0");
        refused(() -> GroupNormalize.of(0), "groups", "not 0");
        refused(() -> new GroupNormalize(1, Double.NaN, true), "eps", "NaN");
        refused(() -> ResponseNormalize.of(0), "size");
        refused(() -> new ResponseNormalize(5, Double.NaN, 1, 1, ResponseForm.SUM), "finite");
        refused(() -> new ContrastNormalize(9, 1, false, false), "neither");
        refused(() -> new ContrastNormalize(8, 1, true, false), "odd");
        refused(() -> Network.input(5).layer(GroupNormalize.of(2)).summary(), "groupnorm1", "2 groups do not divide");
        refused(() -> Network.input(5).layer(InstanceNormalize.standard()).summary(), "instancenorm1");
        refused(() -> Network.input(5).layer(new LayerNorm(2, 1e-5, true, false)).summary(), "layernorm1", "2 dimensions");
        refused(() -> Network.input(5).layer(ContrastNormalize.standard()).summary(), "contrastnorm1", "[channels, height, width]");
    }

    @Test
    void wrongRunningStatisticsAreNamed() {
        Tensor x = Tensor.zeros(2, 4, 3);
        Tensor c = Tensor.zeros(4);
        refused(() -> RunningStatistics.of(c, c, 1.5), "momentum", "1.5");
        refused(() -> RunningStatistics.average(c, c, c), "number of batches", "[4]");
        refused(() -> Normalization.batchNorm(x, null, null, RunningStatistics.of(Tensor.zeros(3), c, 0.1), true, 1e-5), "running mean", "[4]", "[3]");
        refused(() -> Normalization.batchNorm(x, null, c, null, true, 1e-5), "batch_norm: a bias needs a weight");
        refused(() -> Normalization.batchNorm(c, null, null, null, true, 1e-5), "batch_norm: needs [N, C, ...]");
        refused(() -> Normalization.batchNorm(Tensor.zeros(1, 4), null, null, null, true, 1e-5), "at least 2 values per channel");
        refused(() -> Normalization.instanceNorm(Tensor.zeros(2, 4, 1), null, null, RunningStatistics.of(c, c, 0.1), true, 1e-5),
                "instance_norm: running statistics need at least 2", "[2, 4, 1]");
        refused(() -> new Normalize(0, 0.1), "batchnorm: eps", "0.0");
        refused(() -> new Normalize(1e-5, -0.1), "batchnorm: momentum", "-0.1");
        refused(() -> new InstanceNormalize(1e-5, 2, false, true), "instancenorm: momentum", "2.0");
        refused(() -> Network.input(1, 2, 3, 4, 5).batchNorm().summary(), "batchnorm1", "up to 3 dimensions");
        refused(() -> FullyConvolutional.of(Network.input(1, 4, 4).conv(2, 3).layer(Normalize.standard().untracked()).build(Seed.of(1)), 1, 8, 8),
                "batchnorm1 has no running statistics");
    }

    @Test
    void runningStatisticsOfLayersOfEveryRank() {
        for (long[] sample : new long[][] {{3}, {3, 5}, {3, 4, 2}, {3, 2, 2, 3}}) {
            Shape batch = Shape.of(sample).withFirst(6);
            for (Layer layer : List.of(Normalize.standard(), Normalize.standard().noAffine(), Normalize.standard().untracked(),
                    new Normalize(1e-3, Normalize.AVERAGE), InstanceNormalize.standard().withStatistics(),
                    new InstanceNormalize(1e-3, Normalize.AVERAGE, true, true))) {
                if (layer instanceof InstanceNormalize && sample.length == 1) {
                    continue;
                }
                try (Network net = Network.input(sample).layer(layer).named("n").build(Seed.of(1))) {
                    Tensor last = null;
                    for (int step = 0; step < 3; step++) {
                        Tensor x = Tensor.normal(batch, 2, 3, step);
                        Tensor y = net.forward(x, true, null);
                        assertThat(y.mean().item()).as(layer.toString()).isCloseTo(0, within(1e-5));
                        assertThat(y.square().mean().item()).as(layer.toString()).isCloseTo(1, within(1e-3));
                        last = x;
                    }
                    if (net.parameters().containsKey("n.num_batches_tracked")) {
                        assertThat(net.parameter("n.num_batches_tracked").item()).isEqualTo(3);
                        assertThat(net.parameter("n.running_mean").mean().item()).isCloseTo(2, within(1.0));
                    }
                    boolean tracked = net.parameters().containsKey("n.running_mean");
                    assertThat(tracked).isEqualTo(!layer.equals(Normalize.standard().untracked()));
                    assertThat(net.trainable()).hasSize(net.parameters().containsKey("n.weight") ? 2 : 0);
                    Tensor inferred = net.predict(last);
                    assertThat(inferred.shape()).isEqualTo(batch);
                    assertThat(Math.abs(inferred.mean().item()) > 1e-3).as(layer + " follows the running statistics").isEqualTo(tracked);
                }
            }
        }
    }

    private static void refused(Supplier<Object> make, String... parts) {
        assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void layersComputeTheFunctions() {
        Tensor x = Tensor.normal(Shape.of(2, 4, 5, 3), 1, 2, 7);
        Map<Layer, Tensor> expected = Map.of(LayerNorm.last(), Normalization.layerNorm(x, 1, null, null, 1e-5),
                LayerNorm.all(), Normalization.layerNorm(x, 3, null, null, 1e-5), LayerNorm.rootMeanSquare(), Normalization.rmsNorm(x, 1, null, 1e-6),
                GroupNormalize.of(2), Normalization.groupNorm(x, 2, null, null, 1e-5),
                InstanceNormalize.standard(), Normalization.instanceNorm(x, null, null, 1e-5),
                ResponseNormalize.of(5), Normalization.localResponseNorm(x, 5, 1e-4, 0.75, 1, ResponseForm.MEAN),
                ResponseNormalize.alexNet(), Normalization.localResponseNorm(x, 5, 1e-4, 0.75, 2, ResponseForm.SUM),
                ContrastNormalize.standard(), Normalization.localContrast(x, Normalization.gaussian(9, 2.25)));
        expected.forEach((layer, y) -> {
            try (Network net = Network.input(4, 5, 3).layer(layer).build(Seed.of(1))) {
                float[] found = net.predict(x).toFloats();
                float[] wanted = y.toFloats();
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).as(layer.toString()).isCloseTo(wanted[i], within(1e-6f));
                }
                assertThat(net.forward(x).toFloats()).isEqualTo(found);
            }
        });
    }

    @Test
    void parametersAndFormulas() {
        String summary = Network.input(4, 5, 3).layer(LayerNorm.last()).layer(LayerNorm.all()).layer(LayerNorm.rootMeanSquare()).layer(GroupNormalize.of(2))
                .layer(InstanceNormalize.standard().withAffine()).summary();
        assertThat(summary).contains("2 * 3", "2 * 60", "2 * 4", "rmsnorm1", "instancenorm1", "parameters: 145 trainable");
    }

    /** A constant image has no contrast but that of rounding, which the least deviation of 1e-4 bounds. */
    @Test
    void aConstantImageIsNotDividedByZero() {
        Tensor y = Normalization.localContrast(Tensor.full(dev.sinew.DType.F32, Shape.of(1, 2, 12, 11), 3), Normalization.gaussian(9, 2.25));
        for (float v : y.toFloats()) {
            // 3 times 2^-24 (8 + 4 sqrt(81)), the rounding of the mean of 81 values, over 1e-4
            assertThat(v).isCloseTo(0, within(0.08f));
        }
        double sum = 0;
        for (float v : Normalization.gaussian(7, 1.5).toFloats()) {
            sum += v;
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }
}
