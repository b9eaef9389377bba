package dev.sinew.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Drop;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.nn.Normalize;
import dev.sinew.nn.Residual;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/** The checker must be content with right gradients, and find wrong ones where they are. */
@ExtendWith(Scoped.class)
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "float64 runs the generic kernels always")
class GradientCheckTest {
    @Test
    void aRightGradientIsRight() {
        Tensor x = Tensor.normal(Shape.of(4, 3), 0, 1, 1);
        Tensor w = Tensor.normal(Shape.of(3, 2), 0, 1, 2);
        GradientCheck.Report report = GradientCheck.of(in -> in[0].matmul(in[1]).tanh(), x, w).report();
        assertThat(report.isRight()).isTrue();
        assertThat(report.compared()).isEqualTo(18);
        assertThat(report).hasToString("the gradients are right: 18 elements");
        assertThat(GradientCheck.of(in -> in[0].matmul(in[1]), x, w).fixed(0).elements(2).report().compared()).isBetween(1L, 2L);
    }

    @Test
    void aWrongGradientIsFoundWhereItIs() {
        Tensor x = Tensor.of(new double[] {1, 2, 3}, 3);
        // what is detached counts for the value and not for the gradient
        GradientCheck wrong = GradientCheck.of(in -> in[0].detach().mul(Tensor.of(new double[] {0, 2, 1}, 3)).add(in[0]), x);
        GradientCheck.Report report = wrong.report();
        assertThat(report.wrong()).hasSize(2);
        assertThat(report.wrong().getFirst().index()).containsExactly(1L);
        assertThat(report.wrong().getFirst().numeric() / report.wrong().getFirst().analytic()).isBetween(2.99, 3.01);
        assertThatThrownBy(wrong::check).isInstanceOf(AssertionError.class)
                .hasMessageMatching("wrong gradient of input 0 f64\\[3], element \\[1]: the rule gives [0-9.]+, central differences [0-9.]+"
                        + " \\(2 of 3 elements are wrong\\)");
        // a thousandth is the limit
        assertThat(GradientCheck.of(in -> in[0].detach().mul(2e-3).add(in[0]), x).report().isRight()).isFalse();
        assertThat(GradientCheck.of(in -> in[0].detach().mul(2e-3).add(in[0]), x).tolerance(0, 1e-2).report().isRight()).isTrue();
    }

    @Test
    void kinksAreNoticed() {
        GradientCheck.Report report = GradientCheck.of(in -> in[0].relu(), Tensor.of(new double[] {0, 1, -1}, 3)).report();
        assertThat(report.isRight()).isTrue();
        assertThat(report.kinks()).hasSize(1);
        assertThat(report.kinks().getFirst().index()).containsExactly(0L);
        assertThat(report.toString()).contains("no derivative at 1, such as input 0 f64[3], element [0]");
    }

    @Test
    void layers() {
        for (Layer layer : List.of(Conv.of(4, 3), Normalize.standard(), MaxPool.of(2), new Drop(0.4),
                new Residual(List.of(Conv.of(2, 3).pad(1), Normalize.standard()), List.of()))) {
            GradientCheck.of(layer, Shape.of(2, 6, 5), Seed.of(3)).check();
        }
        GradientCheck.of(Dense.of(5), Shape.of(7), Seed.of(3)).check();
    }

    /** A layer whose gradient is wrong, as a hand-written one may be. */
    private record Halved() implements Layer {
        @Override
        public String kind() {
            return "halved";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            return x.mul(0.5).add(x.detach().mul(0.5));
        }
    }

    @Test
    void aWrongLayerIsFound() {
        assertThatThrownBy(() -> GradientCheck.of(new Halved(), Shape.of(4), Seed.of(1)).check()).isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("wrong gradient of x f64[3, 4], element [");
    }

    @Test
    void networksKeepTheirWeights() {
        try (Network net = Network.input(2, 6, 6).conv(3, 3).batchNorm().relu().maxPool(2).dropout(0.3).dense(4).build(Seed.of(1), DType.F64)) {
            String before = net.sha256();
            Tensor x = Tensor.normal(Shape.of(5, 2, 6, 6), 0, 1, 9).cast(DType.F64);
            GradientCheck.of(net, Loss.crossEntropy(), x, Tensor.of(new int[] {0, 3, 1, 2, 2}, 5)).check();
            assertThat(net.sha256()).isEqualTo(before);
        }
        try (Network net = Network.input(3).dense(4).tanh().dense(2).build(Seed.of(2), DType.F64)) {
            Tensor x = Tensor.normal(Shape.of(5, 3), 0, 1, 9).cast(DType.F64);
            Tensor target = Tensor.uniform(Shape.of(5, 2), 0, 1, 3).cast(DType.F64);
            GradientCheck.of(net, Loss.binaryCrossEntropy(), x, target).check();
            GradientCheck.of(net, Loss.meanSquaredError(), x, target).check();
        }
        try (Network single = Network.input(2).dense(2).build(Seed.of(1))) {
            assertThatThrownBy(() -> GradientCheck.of(single, Loss.crossEntropy(), Tensor.zeros(1, 2), Tensor.of(new int[] {0}, 1)))
                    .hasMessage("gradient check: the network must be built with DType.F64, its type is F32");
        }
    }

    @Test
    void whatCannotBeChecked() {
        long[] calls = {0};
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0].mul(++calls[0]), Tensor.scalar(1)).check())
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("random numbers must come from a fixed seed");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0].square(), Tensor.scalar(1), Tensor.scalar(2)).check())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not depend on");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0], Tensor.scalar(1)).eps(0)).hasMessageContaining("eps must be positive");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0], Tensor.scalar(1)).elements(0)).hasMessageContaining("at least one element");
        assertThatThrownBy(() -> GradientCheck.of(in -> in[0], Tensor.scalar(1)).tolerance(-1, 0)).hasMessageContaining("must not be negative");
        assertThatThrownBy(() -> GradientCheck.ofAll(in -> new Tensor[0], Tensor.scalar(1)).check()).hasMessageContaining("no outputs");
    }
}
