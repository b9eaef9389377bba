package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.ActivationLayers;
import dev.sinew.nn.Glu;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Maxout;
import dev.sinew.nn.Network;
import dev.sinew.nn.PRelu;
import dev.sinew.op.Unary;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the golden data do not say of the activation functions: limits, errors, layers. */
@ExtendWith(Scoped.class)
class ActivationsTest {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float NAN = Float.NaN;

    private static float[] of(Tensor y) {
        return y.toFloats();
    }

    @Test
    void limitsAndNaN() {
        Tensor x = Tensor.of(new float[] {NAN, INF, -INF, 0}, 4);
        assertThat(of(Activations.softsign(x))).containsExactly(NAN, 1, -1, 0);
        assertThat(of(Activations.softShrink(x, 0.5))).containsExactly(NAN, INF, -INF, 0);
        assertThat(of(Activations.hardSwish(x))).containsExactly(NAN, INF, 0, 0);
        assertThat(of(Activations.silu(x))).containsExactly(NAN, INF, NAN, 0);
        assertThat(of(Activations.mish(x))).containsExactly(NAN, INF, NAN, 0);
        assertThat(of(Activations.step(x))).containsExactly(NAN, 1, 0, 1);
        assertThat(of(Activations.step(x, 0.5))).containsExactly(NAN, 1, 0, 0.5f);
        assertThat(of(Activations.prelu(x, Tensor.of(new float[] {0.25f}, 1)))).containsExactly(NAN, INF, -INF, 0);
        assertThat(of(Activations.scaledTanh(Tensor.of(new double[] {1, -1}, 2)))).containsExactly(new float[] {1, -1}, within(1e-4f));
    }

    private static org.assertj.core.data.Offset<Float> within(float most) {
        return org.assertj.core.api.Assertions.within(most);
    }

    @Test
    void maxoutTakesConsecutiveOnes() {
        Tensor x = Tensor.of(new float[] {1, 5, 3, 2, 0, -1, 7, 8, 9, 4, 6, -2}, 2, 6);
        assertThat(of(Activations.maxout(x, 1, 3))).containsExactly(5, 2, 9, 6);
        assertThat(of(Activations.maxout(x, -2, 2))).containsExactly(7, 8, 9, 4, 6, -1);
    }

    @Test
    void wrongArgumentsAreNamed() {
        Tensor x = Tensor.zeros(2, 3, 4);
        refused(() -> Activations.softplus(x, 0, 20), "softplus", "positive, not 0.0");
        refused(() -> Activations.clamp(x, 2, 1), "clamp", "2.0", "1.0");
        refused(() -> Activations.hardShrink(x, -1), "hard_shrink", "-1.0");
        refused(() -> Activations.softShrink(x, -0.5), "soft_shrink", "-0.5");
        refused(() -> Activations.celu(x, 0), "celu: alpha", "0.0");
        refused(() -> ActivationLayers.celu(Double.NaN), "celu: alpha", "NaN");
        refused(() -> Activations.threshold(x, Double.NaN, 1), "threshold", "finite");
        refused(() -> Activations.prelu(x, Tensor.zeros(4)), "prelu", "[4]", "[2, 3, 4]");
        refused(() -> Activations.prelu(x, Tensor.zeros(3, 1)), "prelu", "[3, 1]");
        refused(() -> Activations.glu(x, 1), "glu", "odd", "[2, 3, 4]");
        refused(() -> Activations.glu(x, 3), "glu", "dimension 3");
        refused(() -> Activations.maxout(x, 1, 2), "maxout", "2 pieces");
        refused(() -> Activations.maxout(x, 1, 0), "maxout", "0 pieces");
        refused(() -> Activations.softmax(x, -4), "dimension -4");
        refused(() -> new PRelu(true, Double.NaN), "not finite");
        refused(() -> new Maxout(0), "pieces");
        refused(() -> Network.input(3, 4, 4).layer(new Glu()).summary(), "glu1", "even");
        refused(() -> Network.input(3, 4, 4).layer(new Maxout(2)).summary(), "maxout1", "2 pieces");
    }

    private static void refused(Supplier<Object> make, String... parts) {
        assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void everyLayerKeepsTheShapeAndComputesTheFunction() {
        List<Layer> layers = List.of(ActivationLayers.step(), ActivationLayers.scaledTanh(), ActivationLayers.selu(), ActivationLayers.celu(0.5),
                ActivationLayers.geluTanh(), ActivationLayers.silu(), ActivationLayers.mish(), ActivationLayers.softplus(), ActivationLayers.softsign(),
                ActivationLayers.logSigmoid(), ActivationLayers.hardSigmoid(), ActivationLayers.hardTanh(), ActivationLayers.hardSwish(),
                ActivationLayers.relu6(), ActivationLayers.hardShrink(0.5), ActivationLayers.softShrink(0.5), ActivationLayers.tanhShrink(),
                ActivationLayers.threshold(0, 1), ActivationLayers.softmax(), ActivationLayers.logSoftmax(), PRelu.one(), PRelu.each());
        Tensor x = Tensor.normal(Shape.of(2, 4, 3, 5), 0, 2, 7);
        for (Layer layer : layers) {
            try (Network net = Network.input(4, 3, 5).layer(layer).build(Seed.of(1))) {
                Tensor y = net.predict(x);
                assertThat(y.shape()).isEqualTo(x.shape());
                assertThat(net.architecture().summary()).contains(layer.kind() + "1");
                assertThat(y.toFloats()).isEqualTo(net.forward(x).toFloats());
            }
        }
        try (Network net = Network.input(4, 3, 5).layer(PRelu.each()).layer(new Maxout(2)).layer(new Glu()).build(Seed.of(1))) {
            assertThat(net.architecture().output()).isEqualTo(Shape.of(1, 3, 5));
            assertThat(net.architecture().summary()).contains("4/2 = 2", "2/2 = 1");
            assertThat(net.parameters().get("prelu1.weight").toFloats()).containsOnly(0.25f).hasSize(4);
            Tensor y = Activations.glu(Activations.maxout(Activations.prelu(x, Tensor.full(DType.F32, Shape.of(4), 0.25)), 1, 2), 1);
            assertThat(net.predict(x).toFloats()).isEqualTo(y.toFloats());
        }
        assertThat(new Unary(Unary.Kind.SILU, 0, 0).fusable()).isNull();
    }
}
