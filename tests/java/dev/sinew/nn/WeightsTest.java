package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Window2d;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights going from one net to another. */
class WeightsTest {
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

    private static Network.Builder small(long classes) {
        return Network.input(1, 8, 8).conv(4, 3).batchNorm().relu().block("middle", b -> b.conv(6, 3).batchNorm().relu()).globalAvgPool().dense(classes);
    }

    @Test
    void aCopyIsANetOfItsOwn() {
        try (Network net = small(10).build(Seed.of(1)).freeze("conv1").inferenceMode("batchnorm1")) {
            net.parameter("dense1.bias").fill(3);
            net.parameter("batchnorm1.running_mean").fill(2);
            try (Network copy = net.copy()) {
                assertThat(copy.sha256()).isEqualTo(net.sha256());
                assertThat(copy.frozen()).isEqualTo(net.frozen()).isNotEmpty();
                assertThat(copy.seed()).isEqualTo(net.seed());
                copy.parameter("dense1.bias").fill(4);
                assertThat(net.parameter("dense1.bias").get(0)).isEqualTo(3);
                copy.load(net.parameters());
                assertThat(copy.sha256()).isEqualTo(net.sha256());
            }
        }
        try (Network empty = Network.input(3).relu().build(Seed.of(1)); Network copy = empty.copy()) {
            assertThat(copy.parameters()).isEmpty();
        }
    }

    @Test
    void aNewHeadKeepsTheRest() {
        try (Network net = small(10).build(Seed.of(1)).freeze("conv1", "dense1"); Scope _ = Scope.open()) {
            net.parameters().values().forEach(p -> p.fill(0.25));
            try (Network other = net.withHead("middle", x -> x.globalAvgPool().dense(10), Seed.of(2))) {
                // the old head's name is free, its values are not taken
                assertThat(other.parameters().keySet()).isEqualTo(net.parameters().keySet());
                assertThat(other.parameter("middle.conv1.weight").toFloats()).isEqualTo(net.parameter("middle.conv1.weight").toFloats());
                assertThat(other.parameter("batchnorm1.running_var").get(0)).isEqualTo(0.25);
                assertThat(other.parameter("dense1.weight").get(0, 0)).isNotEqualTo(0.25);
                assertThat(other.frozen()).containsExactly("conv1.bias", "conv1.weight");
                Tensor x = Tensor.normal(Shape.of(2, 1, 8, 8), 0, 1, 1);
                assertThat(other.activations(x, "middle").get("middle").toFloats()).isEqualTo(net.activations(x, "middle").get("middle").toFloats());
            }
            try (Network three = net.withHead("globalavgpool1", x -> x.dense(3).named("head"), Seed.of(2))) {
                assertThat(three.predict(Tensor.zeros(1, 1, 8, 8)).shape()).isEqualTo(Shape.of(1, 3));
                assertThat(three.parameters()).containsKey("head.weight").doesNotContainKey("dense1.weight");
            }
            assertThatThrownBy(() -> net.withHead("dense7", x -> x.dense(3), Seed.of(2))).hasMessageContaining("dense7");
        }
    }

    /** Two heads at two depths of a trained net. */
    @Test
    void aGraphGoesOnFromSeveralLayers() {
        try (Network net = small(10).build(Seed.of(1)); Scope _ = Scope.open()) {
            GraphBuilder g = net.architecture().cut("relu1", "middle");
            g.output("fine", g.value("relu1").maxPool(Window2d.of(3).stride(1)).conv(2, 1)).output("coarse", g.value("middle").conv(2, 1));
            try (Network two = g.build(Seed.of(5))) {
                Loaded loaded = two.loadMatching(net.parameters());
                assertThat(loaded.missing()).containsExactly("conv2.weight", "conv2.bias", "conv3.weight", "conv3.bias");
                assertThat(loaded.unused()).containsExactly("dense1.weight", "dense1.bias");
                Tensor x = Tensor.normal(Shape.of(2, 1, 8, 8), 0, 1, 1);
                assertThat(two.activations(x, "middle.relu1").get("middle.relu1").toFloats()).isEqualTo(net.activations(x, "middle").get("middle").toFloats());
                assertThat(two.predictAll(Map.of("input", x)).get("fine").shape()).isEqualTo(Shape.of(2, 2, 4, 4));
            }
            assertThatThrownBy(() -> g.value("dense1")).hasMessageContaining("dense1");
        }
    }

    /** The second use of shared weights alone. */
    @Test
    void aPartOfASharedTowerCanBeCutOut() {
        try (Network net = GraphNetworkTest.siamese().build(Seed.of(1)); Scope _ = Scope.open()) {
            GraphBuilder g = net.architecture().cut("tower.dense1#2");
            g.output(g.value("tower.dense1"));
            try (Network tower = g.build(Seed.of(2))) {
                assertThat(tower.architecture().inputs()).containsOnlyKeys("right");
                assertThat(tower.load(net.parameters()).sha256()).isEqualTo(net.sha256());
                Tensor x = Tensor.normal(Shape.of(2, 1, 6, 6), 0, 1, 1);
                assertThat(tower.predict(x).toFloats()).isEqualTo(
                        net.activations(Map.of("left", x, "right", x), "tower.dense1").get("tower.dense1").toFloats());
            }
        }
    }

    @Test
    void whatWasLoadedIsReported() {
        try (Network net = small(10).build(Seed.of(1)); Network other = small(7).build(Seed.of(2)); Scope _ = Scope.open()) {
            Map<String, Tensor> values = new LinkedHashMap<>(net.parameters());
            values.put("extra", Tensor.zeros(1));
            values.remove("conv1.bias");
            String before = other.sha256();
            assertThatThrownBy(() -> other.load(values)).hasMessageContaining("no value for [conv1.bias]").hasMessageContaining("extra")
                    .hasMessageContaining("f32[7, 6], the value is f32[10, 6]");
            assertThat(other.sha256()).isEqualTo(before);
            Loaded part = other.loadMatching(values, "conv1", "batchnorm1.*", "extra");
            assertThat(part.loaded()).containsExactly("conv1.weight", "batchnorm1.weight", "batchnorm1.bias", "batchnorm1.running_mean", "batchnorm1.running_var");
            assertThat(part.unused()).containsExactly("extra");
            assertThat(part.isComplete()).isFalse();
            Loaded all = other.loadMatching(values);
            assertThat(all.loaded()).hasSize(11).contains("middle.conv1.weight");
            assertThat(all.otherShape()).containsOnlyKeys("dense1.weight", "dense1.bias");
            assertThat(all.missing()).containsExactly("conv1.bias");
            assertThat(all.toString()).contains("11 parameters loaded", "no value for [conv1.bias]", "not used: [extra]");
            assertThat(other.parameter("middle.conv1.weight").toFloats()).isEqualTo(net.parameter("middle.conv1.weight").toFloats());
        }
    }

    @Test
    void valuesOfTheOtherTypeAreRounded() {
        try (Network net = small(3).build(Seed.of(1)); Network twice = small(3).build(Seed.of(2), DType.F64)) {
            twice.load(net.parameters());
            assertThat(twice.parameter("conv1.weight").toFloats()).isEqualTo(net.parameter("conv1.weight").toFloats());
            try (Network back = small(3).build(Seed.of(3)); Scope _ = Scope.open()) {
                assertThat(back.load(twice.parameters()).sha256()).isEqualTo(net.sha256());
                Map<String, Tensor> wrong = new HashMap<>(net.parameters());
                wrong.put("conv1.bias", Tensor.of(new int[4], 4));
                assertThatThrownBy(() -> back.load(wrong)).hasMessageContaining("i32[4]");
            }
        }
    }

    @Test
    void layersOfOneNetInAnother() {
        try (Network net = small(3).build(Seed.of(1))) {
            assertThat(net.architecture().nodes()).extracting(Architecture.Node::id).containsExactly("input", "conv1", "batchnorm1", "relu1",
                    "middle.conv1", "middle.batchnorm1", "middle.relu1", "globalavgpool1", "dense1");
            assertThat(net.architecture().layers()).hasSize(8);
            assertThat(net.architecture().shape("middle")).isEqualTo(Shape.of(6, 4, 4));
            assertThat(net.architecture().inputsOf(net.architecture().nodes().get(4))).isEqualTo(List.of(Shape.of(4, 6, 6)));
        }
    }
}
