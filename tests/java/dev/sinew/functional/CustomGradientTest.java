package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gradients that are not those of the values, in eager execution and in plans. */
@ExtendWith(Scoped.class)
class CustomGradientTest {
    private static final float[] VALUES = {-1.5f, -0.25f, 0.5f, 2};

    /** The value and the gradient of sum(3 f(x)), eager and by a plan: they must be the same. */
    private static float[][] both(UnaryOperator<Tensor> f) {
        Tensor x = Tensor.of(VALUES, 4);
        Tensor y = f.apply(x);
        float[][] eager = {y.toFloats(), Gradients.of(y.mul(3).sum(), x).get(x).toFloats()};
        Graph graph = new Graph();
        Tensor s = graph.input("x", Spec.of(DType.F32, Shape.of(4)));
        Tensor t = f.apply(s);
        try (Plan plan = Plan.compile(graph, t, Gradients.of(t.mul(3).sum(), s).get(s))) {
            plan.run(x);
            assertThat(plan.output(0).toFloats()).isEqualTo(eager[0]);
            assertThat(plan.output(1).toFloats()).isEqualTo(eager[1]);
        }
        return eager;
    }

    @Test
    void straightThrough() {
        float[][] got = both(x -> CustomGradient.straightThrough(Tensor::sign, x));
        assertThat(got[0]).containsExactly(-1, -1, 1, 1);
        assertThat(got[1]).containsExactly(3, 3, 3, 3);
    }

    @Test
    void reversed() {
        float[][] got = both(x -> CustomGradient.reverse(x.mul(2), 0.5));
        assertThat(got[0]).containsExactly(-3, -0.5f, 1, 4);
        assertThat(got[1]).containsExactly(-3, -3, -3, -3);
    }

    @Test
    void aStoppedTensorIsAConstant() {
        float[][] got = both(x -> x.mul(CustomGradient.stop(x)));
        assertThat(got[0]).containsExactly(2.25f, 0.0625f, 0.25f, 4);
        assertThat(got[1]).containsExactly(-4.5f, -0.75f, 1.5f, 6);
        Tensor x = Tensor.of(VALUES, 4);
        assertThatThrownBy(() -> Gradients.of(CustomGradient.stop(x).sum(), x)).hasMessageContaining("does not depend");
        Graph graph = new Graph();
        Tensor s = graph.input("x", Spec.of(DType.F32, Shape.of(4)));
        assertThatThrownBy(() -> Gradients.of(CustomGradient.stop(s).sum(), s)).hasMessageContaining("does not depend");
    }

    /** A wrong gradient on purpose shows that the rule is what is used, and the operations of the value are not. */
    @Test
    void theRuleReplacesTheGradientOfTheValue() {
        float[][] got = both(x -> CustomGradient.apply("odd", in -> in[0].exp().log(), (in, y, dy) -> new Tensor[] {dy.mul(in[0]).add(y)}, x));
        for (int i = 0; i < 4; i++) {
            assertThat(got[1][i]).isCloseTo(3 * VALUES[i] + VALUES[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    @Test
    void anInputWithoutGradient() {
        Tensor a = Tensor.of(VALUES, 4);
        Tensor b = Tensor.of(VALUES, 4);
        Tensor y = CustomGradient.apply("first", in -> in[0].mul(in[1]), (in, out, dy) -> new Tensor[] {dy.mul(in[1]), null}, a, b);
        assertThat(Gradients.of(y.sum(), a).get(a).toFloats()).isEqualTo(VALUES);
        assertThatThrownBy(() -> Gradients.of(y.sum(), b)).hasMessageContaining("does not depend");
    }

    @Test
    void aRuleThatGivesSomethingElseIsNamed() {
        Tensor x = Tensor.of(VALUES, 4);
        Tensor few = CustomGradient.apply("few", in -> in[0].exp(), (in, out, dy) -> new Tensor[0], x);
        assertThatThrownBy(() -> Gradients.of(few.sum(), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("few: ").hasMessageContaining("1 gradients");
        Tensor other = CustomGradient.apply("other", in -> in[0].exp(), (in, out, dy) -> new Tensor[] {dy.sum()}, x);
        assertThatThrownBy(() -> Gradients.of(other.sum(), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("other: ")
                .hasMessageContaining("f32[4]").hasMessageContaining("f32[]");
        Tensor thrown = CustomGradient.apply("thrown", in -> in[0].exp(), (in, out, dy) -> {
            throw new UnsupportedOperationException("not today");
        }, x);
        assertThatThrownBy(() -> Gradients.of(thrown.sum(), x)).hasMessage("not today");
        assertThatThrownBy(() -> CustomGradient.apply("none", in -> null, (in, out, dy) -> null, x)).isInstanceOf(NullPointerException.class)
                .hasMessageContaining("none");
    }

    /** The rule costs a plan nothing but its own operations: the result is a view, the inputs need not be kept. */
    @Test
    void inAPlanTheResultIsAView() {
        Graph graph = new Graph();
        Tensor s = graph.input("x", Spec.of(DType.F32, Shape.of(64, 64)));
        Tensor y = CustomGradient.straightThrough(t -> t.relu().exp(), s.mul(2)).log();
        Graph plain = new Graph();
        Tensor p = plain.input("x", Spec.of(DType.F32, Shape.of(64, 64)));
        try (Plan a = Plan.compile(graph, y); Plan b = Plan.compile(plain, p.mul(2).relu().exp().log())) {
            assertThat(a.operations()).isEqualTo(b.operations());
            assertThat(a.workspaceBytes()).isEqualTo(b.workspaceBytes());
            assertThat(a.operations()).isEqualTo(List.copyOf(a.operations())).noneMatch(op -> op.contains("straight"));
        }
    }
}
