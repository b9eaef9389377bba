package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Gemm;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Constant weights that take in what follows or comes before them. */
@ExtendWith(Scoped.class)
class FoldingTest {
    private static final double EPS = 1e-3;
    private static final Window2d WINDOW = Window2d.of(5, 3).stride(2, 1).pad(1);
    private static final Conv2d CONV = new Conv2d(WINDOW, 2);

    private final Graph graph = new Graph();

    private static Tensor random(DType dtype, long seed, long... shape) {
        return Tensor.normal(Shape.of(shape), 0, 1, seed).cast(dtype);
    }

    /** gamma, beta, mean, variance. */
    private static Tensor[] moments(DType dtype, int channels) {
        return new Tensor[] {random(dtype, 91, channels), random(dtype, 92, channels), random(dtype, 93, channels),
            random(dtype, 94, channels).square().add(0.1)};
    }

    private static Tensor norm(Tensor x, Tensor[] m) {
        return Ops.apply(new BatchNormInfer(EPS, Activation.IDENTITY), x, m[0], m[1], m[2], m[3]);
    }

    /**
     * Twice what the roundings of one way to compute it can amount to: an output is a sum of {@code terms} products and
     * some 8 operations on them, each of which errs by at most half a unit in the last place of the sum of the absolute
     * values. That sum is computed as the same operations on absolute values, in double.
     */
    private static void check(Tensor actual, Tensor expected, int terms, Op op, Tensor[] inputs, Tensor[] m) {
        Tensor[] magnitudes = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            magnitudes[i] = inputs[i].cast(DType.F64).abs();
        }
        Tensor[] wide = new Tensor[4];
        for (int i = 0; i < 4; i++) {
            wide[i] = m[i].cast(DType.F64).abs();
        }
        wide[2] = wide[2].neg();
        double[] scale = norm(Ops.apply(op, magnitudes), wide).toDoubles();
        double[] a = actual.toDoubles();
        double[] e = expected.toDoubles();
        double unit = actual.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
        for (int i = 0; i < a.length; i++) {
            assertThat(Math.abs(a[i] - e[i])).as("element %d: %s, not %s", i, a[i], e[i]).isLessThanOrEqualTo(2 * (terms + 8) * unit * scale[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void aNormalisationJoinsTheConvolution(DType dtype) {
        Tensor[] m = moments(dtype, 6);
        Tensor weight = random(dtype, 1, 6, 2, 5, 3);
        for (Tensor bias : new Tensor[] {null, random(dtype, 2, 6)}) {
            Graph graph = new Graph();
            Tensor x = graph.input("x", Spec.of(dtype, Shape.of(3, 4, 9, 8)));
            Tensor y = norm(Ops.apply(CONV, Ops.present(x, weight, bias)), m);
            try (Plan plan = Plan.compile(graph, y.square(), y.add(1).relu())) {
                assertThat(plan.operations()).noneMatch(op -> op.startsWith("batchnorm")).filteredOn(op -> op.startsWith("conv2d")).hasSize(1);
            }
            try (Plan plan = Plan.compile(graph, y)) {
                for (int i = 0; i < 3; i++) {
                    Tensor a = random(dtype, 10 + i, 3, 4, 9, 8);
                    m[i].copyFrom(random(dtype, 20 + i, 6));
                    plan.run(a);
                    Tensor[] in = Ops.present(a, weight, bias);
                    check(plan.output(0), norm(Ops.apply(CONV, in), m), 30, CONV, in, m);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void aNormalisationJoinsTheMatrixProduct(DType dtype) {
        Tensor[] m = moments(dtype, 7);
        for (boolean transposed : new boolean[] {false, true}) {
            Gemm op = new Gemm(false, transposed);
            Tensor weight = transposed ? random(dtype, 1, 7, 40) : random(dtype, 1, 40, 7);
            for (Tensor bias : new Tensor[] {null, random(dtype, 2, 7)}) {
                Graph graph = new Graph();
                Tensor x = graph.input("x", Spec.of(dtype, Shape.of(5, 40)));
                try (Plan plan = Plan.compile(graph, norm(Ops.apply(op, Ops.present(x, weight, bias)), m))) {
                    assertThat(plan.operations()).hasSize(1).first().asString().startsWith("matmul");
                    Tensor[] in = Ops.present(random(dtype, 3, 5, 40), weight, bias);
                    plan.run(in[0]);
                    check(plan.output(0), norm(Ops.apply(op, in), m), 40, op, in, m);
                }
            }
        }
    }

    @Test
    void theActivationIsKept() {
        Tensor[] m = moments(DType.F32, 6);
        Tensor weight = random(DType.F32, 1, 6, 2, 5, 3);
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(3, 4, 9, 8)));
        Tensor fused = Ops.apply(new BatchNormInfer(EPS, new Activation(Activation.Kind.RELU, 0)), Ops.apply(CONV, x, weight), m[0], m[1], m[2], m[3]);
        for (Tensor y : new Tensor[] {norm(Ops.apply(CONV, x, weight), m).relu(), fused}) {
            try (Plan plan = Plan.compile(graph, y)) {
                assertThat(plan.operations()).filteredOn(op -> !op.startsWith("convert")).hasSize(1);
                Tensor a = random(DType.F32, 10, 3, 4, 9, 8);
                plan.run(a);
                check(plan.output(0), norm(Ops.apply(CONV, a, weight), m).relu(), 30, CONV, new Tensor[] {a, weight}, m);
            }
        }
    }

    @Test
    void whatIsNotConstantIsNotFolded() {
        Tensor[] m = moments(DType.F32, 6);
        Tensor weight = random(DType.F32, 1, 6, 2, 5, 3);
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(3, 4, 9, 8)));
        Tensor given = graph.input("given", Spec.of(DType.F32, Shape.of(6)));
        Tensor conv = Ops.apply(CONV, x, weight);
        Tensor y = norm(conv, m);
        Tensor target = Tensor.empty(y.spec());
        Tensor mean = graph.add(new dev.sinew.op.Copy(), given)[0];
        for (Plan plan : List.of(Plan.compile(graph, norm(conv, new Tensor[] {m[0], given, m[2], m[3]})), Plan.compile(graph, y, conv),
                Plan.compile(graph, norm(conv.relu(), m)), Plan.compile(graph, norm(Ops.apply(CONV, x, weight, given), m)),
                Plan.compile(graph, List.of(y), Map.of(mean, m[2])), Plan.compile(graph, List.of(y), Map.of(conv, target)),
                Plan.compile(graph, Ops.apply(new BatchNormInfer(0, Activation.IDENTITY), conv, m[0], m[1], m[2], m[3])))) {
            try (plan) {
                assertThat(plan.operations()).anyMatch(op -> op.startsWith("batchnorm_infer"));
                plan.run(random(DType.F32, 3, 3, 4, 9, 8), random(DType.F32, 4, 6));
            }
        }
    }

    @Test
    void aChannelsLastImageIsFlattenedWithoutMovingIt() {
        for (boolean transposed : new boolean[] {false, true}) {
            Graph graph = new Graph();
            Tensor x = graph.input("x", Spec.of(DType.F64, Shape.of(2, 4, 6, 5)));
            Tensor weight = transposed ? random(DType.F64, 1, 7, 120) : random(DType.F64, 1, 120, 7);
            Gemm dense = new Gemm(false, transposed);
            Tensor image = x.maxPool2d(Window2d.of(1));
            try (Plan plan = Plan.compile(graph, Ops.apply(dense, image.flatten(), weight));
                    Plan both = Plan.compile(graph, Ops.apply(dense, image.flatten(), weight), image.flatten())) {
                assertThat(plan.operations()).filteredOn(op -> op.startsWith("convert")).hasSize(1);
                Tensor a = random(DType.F64, 3, 2, 4, 6, 5);
                for (Plan each : List.of(plan, both)) {
                    each.run(a);
                    // sums of 120 products of numbers up to some 4, in another order
                    Close.within("dense", each.output(0), Ops.apply(dense, a.flatten(), weight), 0, 120 * 2 * 0x1p-53 * 120 * 16);
                }
                Close.same("flat", both.output(1), a.flatten());
                weight.fill(0.5);
                plan.run(a);
                Close.within("another weight", plan.output(0), Ops.apply(dense, a.flatten(), weight), 0, 120 * 2 * 0x1p-53 * 120 * 16);
            }
        }
    }

    /** Rows are samples; where they are not, the weight could not be permuted alike. */
    @Test
    void otherReshapesOfAnImageAreKept() {
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(2, 4, 6, 5)));
        Tensor weight = random(DType.F32, 1, 60, 7);
        try (Plan plan = Plan.compile(graph, x.maxPool2d(Window2d.of(1)).reshape(4, 60).matmul(weight))) {
            Tensor a = random(DType.F32, 3, 2, 4, 6, 5);
            plan.run(a);
            Close.same("product", plan.output(0), a.reshape(4, 60).matmul(weight));
        }
    }
}
