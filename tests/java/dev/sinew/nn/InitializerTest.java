package dev.sinew.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Initializer.Fan;
import dev.sinew.op.Unary;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What first values look like. */
@ExtendWith(Scoped.class)
class InitializerTest {
    private static final Shape DENSE = Shape.of(300, 200);
    private static final Shape KERNEL = Shape.of(64, 32, 3, 5);

    private static double[] values(Initializer initializer, Shape shape, long seed) {
        Tensor x = Tensor.full(DType.F32, shape, 99);
        initializer.fill(x, Seed.of(seed));
        return x.toDoubles();
    }

    /** Mean and deviation within five standard errors; uniform numbers within their bounds. */
    private static void looksLike(Initializer initializer, Shape shape, double mean, double deviation) {
        double[] x = values(initializer, shape, 7);
        double found = Arrays.stream(x).average().orElseThrow();
        double variance = Arrays.stream(x).map(v -> (v - found) * (v - found)).average().orElseThrow();
        double error = 5 * deviation / Math.sqrt(x.length);
        assertThat(found).as(initializer + " " + shape + ": mean").isCloseTo(mean, within(error));
        assertThat(Math.sqrt(variance)).as(initializer + " " + shape + ": deviation").isCloseTo(deviation, within(error));
        assertThat(values(initializer, shape, 7)).isEqualTo(x);
        assertThat(values(initializer, shape, 8)).isNotEqualTo(x);
    }

    @Test
    void momentsAreThoseOfTheFormulas() {
        double root = Math.sqrt(2);
        for (Shape shape : List.of(DENSE, KERNEL)) {
            double in = shape.count() / (double) shape.dim(0);
            double out = shape.count() / (double) shape.dim(1);
            looksLike(new Initializer.Uniform(-1, 3), shape, 1, 4 / Math.sqrt(12));
            looksLike(new Initializer.Normal(-2, 0.5), shape, -2, 0.5);
            looksLike(new Initializer.KaimingUniform(root), shape, 0, root / Math.sqrt(in));
            looksLike(new Initializer.KaimingNormal(root), shape, 0, root / Math.sqrt(in));
            looksLike(new Initializer.XavierUniform(1), shape, 0, Math.sqrt(2 / (in + out)));
            looksLike(new Initializer.XavierNormal(1), shape, 0, Math.sqrt(2 / (in + out)));
            looksLike(Initializer.lecunNormal(), shape, 0, 1 / Math.sqrt(in));
            looksLike(Initializer.lecunUniform(), shape, 0, 1 / Math.sqrt(in));
            looksLike(new Initializer.Scaled(root, Fan.OUT, true), shape, 0, root / Math.sqrt(out));
            looksLike(new Initializer.Scaled(1, Fan.MEAN, false), shape, 0, Math.sqrt(2 / (in + out)));
            // of a standard normal within two deviations: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)) = 0.8796
            looksLike(new Initializer.TruncatedNormal(1, 0.1, 0.8, 1.2), shape, 1, 0.08796);
            // of the half above 0: sqrt(2 / pi), sqrt(1 - 2 / pi)
            looksLike(new Initializer.TruncatedNormal(0, 1, 0, 1e6), shape, 0.79788, 0.60281);
        }
        assertThat(values(Initializer.zeros(), DENSE, 1)).containsOnly(0);
        double[] tail = values(new Initializer.TruncatedNormal(0, 1, 5, 6), Shape.of(1000), 3);
        assertThat(Arrays.stream(tail).allMatch(v -> v >= 5 && v <= 6)).isTrue();
        assertThat(Arrays.stream(tail).average().orElseThrow()).isCloseTo(5.187, within(0.03));
    }

    @Test
    void orthogonalRowsOrColumns() {
        for (Shape shape : List.of(Shape.of(20, 33), Shape.of(33, 20), Shape.of(12, 3, 2, 2), Shape.of(1, 5), Shape.of(17, 17))) {
            double[] w = values(new Initializer.Orthogonal(1.5), shape, 5);
            int rows = (int) shape.dim(0);
            int cols = w.length / rows;
            boolean wide = rows <= cols;
            for (int i = 0; i < Math.min(rows, cols); i++) {
                for (int j = 0; j <= i; j++) {
                    double dot = 0;
                    for (int k = 0; k < Math.max(rows, cols); k++) {
                        dot += wide ? w[i * cols + k] * w[j * cols + k] : w[k * cols + i] * w[k * cols + j];
                    }
                    assertThat(dot).as(shape + " " + i + " " + j).isCloseTo(i == j ? 2.25 : 0, within(1e-6));
                }
            }
            assertThat(values(new Initializer.Orthogonal(1.5), shape, 5)).isEqualTo(w);
        }
        assertThat(values(new Initializer.Orthogonal(1), DENSE, 5)).isNotEqualTo(values(new Initializer.Orthogonal(1), DENSE, 6));
    }

    @Test
    void sparseColumnsAndIdentities() {
        double[] w = values(new Initializer.Sparse(0.25, 0.1), Shape.of(10, 40), 3);
        for (int c = 0; c < 40; c++) {
            int zeros = 0;
            for (int r = 0; r < 10; r++) {
                zeros += w[r * 40 + c] == 0 ? 1 : 0;
            }
            assertThat(zeros).isEqualTo(3);
        }
        assertThat(values(new Initializer.Identity(), Shape.of(2, 3), 1)).containsExactly(1, 0, 0, 0, 1, 0);
        Tensor x = Tensor.normal(Shape.of(2, 3, 5, 4), 0, 1, 3);
        Tensor kernel = Tensor.zeros(3, 3, 3, 3);
        new Initializer.Identity().fill(kernel, Seed.of(1));
        assertThat(x.conv2d(kernel, null, dev.sinew.op.Window2d.of(3).pad(1), 1).toFloats()).containsExactly(x.toFloats(), within(1e-6f));
    }

    @Test
    void layersTakeThem() {
        try (Network net = Network.input(3, 5, 5).layer(Conv.of(4, 3).weights(new Initializer.Orthogonal(1))).flatten()
                .layer(Dense.of(10).weights(Initializer.lecunNormal())).build(Seed.of(1), DType.F64)) {
            assertThat(net.parameters().get("conv1.weight").toDoubles()).isNotEqualTo(new double[108]);
        }
        assertThat(Initializer.gain(Unary.of(Unary.Kind.TANH))).isEqualTo(5.0 / 3);
        assertThat(Initializer.gain(new Unary(Unary.Kind.LEAKY_RELU, 1, 0))).isEqualTo(1);
        assertThat(Initializer.gain(Unary.of(Unary.Kind.RELU))).isEqualTo(Math.sqrt(2));
        assertThat(Initializer.gain(Unary.of(Unary.Kind.SIGMOID))).isEqualTo(1);
    }

    @Test
    void wrongArgumentsAreNamed() {
        refused(() -> new Initializer.TruncatedNormal(0, 1, 2, 1), "lower bound 2.0");
        refused(() -> new Initializer.TruncatedNormal(0, 0, -1, 1), "truncated normal", "0.0");
        refused(() -> new Initializer.Orthogonal(0), "orthogonal", "0.0");
        refused(() -> new Initializer.Sparse(1.5, 1), "sparse", "1.5");
        refused(() -> new Initializer.Sparse(0.5, -1), "sparse", "-1.0");
        refused(() -> new Initializer.Scaled(Double.NaN, Fan.IN, true), "scaled", "NaN");
        for (Initializer initializer : List.of(new Initializer.Orthogonal(1), new Initializer.Sparse(0.5, 1), new Initializer.Identity())) {
            refused(() -> values(initializer, Shape.of(5), 1), "two dimensions", "[5]");
        }
    }

    private static void refused(Supplier<Object> make, String... parts) {
        assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
}
