package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.Conv2d;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import dev.sinew.op.WindowPooling;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A convolution that pools its result, in plans. */
@ExtendWith(Scoped.class)
class PoolingFusionTest {
    private final Graph graph = new Graph();
    private final Window2d window = Window2d.of(5).pad(2);

    private static Tensor random(DType dtype, long seed, long... shape) {
        return Tensor.normal(Shape.of(shape), 0, 1, seed).cast(dtype);
    }

    /** The names of a plan's operations, those left out that only change a layout. */
    private static List<String> computing(Plan plan) {
        return plan.operations().stream().map(op -> op.substring(0, op.indexOf('('))).filter(op -> !op.equals("convert")).toList();
    }

    @ParameterizedTest
    @CsvSource({"F32, 6, 28, 2", "F32, 20, 14, 2", "F32, 6, 12, 3", "F64, 6, 12, 2"})
    void poolingJoinsTheConvolution(DType dtype, int channels, int size, int side) {
        Window2d apart = Window2d.of(side).stride(side);
        Tensor weight = random(dtype, 1, channels, 3, 5, 5);
        Tensor bias = random(dtype, 2, channels);
        List<UnaryOperator<Tensor>> nets = List.of(x -> x.conv2d(weight, bias, window, 1).tanh().avgPool2d(apart),
                x -> x.conv2d(weight, null, window, 1).maxPool2d(apart));
        for (UnaryOperator<Tensor> net : nets) {
            assertPlan(net, random(dtype, 3, 3, 3, size, size), "conv2d");
        }
    }

    /** The plan of a net has these operations, and gives the same bits as without plan. */
    private static void assertPlan(UnaryOperator<Tensor> net, Tensor a, String... operations) {
        Graph own = new Graph();
        try (Plan plan = Plan.compile(own, net.apply(own.input("x", a.spec())))) {
            assertThat(computing(plan)).containsExactly(operations);
            plan.run(a);
            Close.same("pooled", plan.output(0), net.apply(a));
        }
    }

    /** What libsinew makes whole and then pools, inside one operation. */
    @ParameterizedTest
    @CsvSource({"1, 1, 2", "3, 6, 2", "5, 6, 12"})
    void pointwiseAndGroupedConvolutionsToo(int kernel, int groups, int side) {
        Tensor weight = random(DType.F32, 1, 6, 6 / groups, kernel, kernel);
        Window2d same = Window2d.of(kernel).pad(kernel / 2);
        UnaryOperator<Tensor> net = x -> x.conv2d(weight, null, same, groups).relu().maxPool2d(Window2d.of(side).stride(side));
        assertPlan(net, random(DType.F32, 3, 2, 6, 12, 12), "conv2d");
    }

    @Test
    void onePoolingOfAConvolutionWithoutResidual() {
        Tensor weight = random(DType.F32, 1, 6, 6, 5, 5);
        Window2d apart = Window2d.of(2).stride(2);
        Tensor a = random(DType.F32, 3, 2, 6, 12, 12);
        UnaryOperator<Tensor> conv = x -> x.conv2d(weight, null, window, 1);
        assertPlan(x -> conv.apply(x).avgPool2d(apart).maxPool2d(apart), a, "conv2d", "maxpool2d");
        assertPlan(x -> conv.apply(x).avgPool2d(apart).relu(), a, "conv2d", "relu");
        Tensor first = conv.apply(graph.input("x", a.spec()));
        try (Plan plan = Plan.compile(graph, conv.apply(first).add(first).maxPool2d(apart))) {
            assertThat(computing(plan)).containsExactly("conv2d", "conv2d", "maxpool2d");
        }
    }

    @Test
    void theGradientOfAMaximumNeedsItsPlace() {
        Tensor weight = random(DType.F32, 1, 6, 3, 5, 5);
        Tensor a = random(DType.F32, 2, 2, 3, 12, 12);
        UnaryOperator<Tensor> net = x -> x.conv2d(weight, null, window, 1).maxPool2d(Window2d.of(2).stride(2));
        UnaryOperator<Tensor> gradient = x -> Gradients.of(net.apply(x).square().sum(), weight).get(weight);
        try (Plan plan = Plan.compile(graph, gradient.apply(graph.input("x", a.spec())))) {
            assertThat(computing(plan)).contains("maxpool2d");
            plan.run(a);
            Close.same("dweight", plan.output(0), gradient.apply(a));
        }
    }

    /** What minimal filtering makes whole is pooled by itself, except in windows of its own tiles. */
    @ParameterizedTest
    @CsvSource({"3, 16, 2, 2", "5, 16, 2, 1", "5, 6, 2, 1", "5, 6, 3, 2", "5, 5, 3, 1"})
    void minimalFiltering(int kernel, int channels, int side, int operations) {
        Tensor weight = random(DType.F32, 1, 16, channels, kernel, kernel);
        Window2d same = Window2d.of(kernel).pad(kernel / 2);
        UnaryOperator<Tensor> net = x -> x.conv2d(weight, null, same, 1).tanh().avgPool2d(Window2d.of(side).stride(side));
        String[] expected = {"conv2d", "avgpool2d"};
        assertPlan(net, random(DType.F32, 2, 3, channels, 12, 12), Arrays.copyOf(expected, operations));
    }

    /** Windows that overlap, which no convolution takes in. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void placesThatNobodyTakesAreNotKept(DType dtype) {
        Tensor a = random(dtype, 3, 2, 40, 31, 33);
        MaxPool2d pool = new MaxPool2d(Window2d.of(3).stride(2).pad(1), false);
        Tensor[] both = Ops.applyAll(pool, graph.input("x", a.spec()));
        try (Plan maxima = Plan.compile(graph, both[0].square()); Plan all = Plan.compile(graph, both[0].square(), both[1])) {
            assertThat(computing(maxima)).containsExactly("maxpool2d", "square");
            assertThat(all.workspaceBytes() - maxima.workspaceBytes()).isGreaterThanOrEqualTo(both[1].spec().bytes());
            maxima.run(a);
            all.run(a);
            Tensor[] eager = Ops.applyAll(pool, a);
            Close.same("maxima", maxima.output(0), eager[0].square());
            Close.same("maxima beside their places", all.output(0), eager[0].square());
            assertThat(all.output(1).toInts()).isEqualTo(eager[1].toInts());
        }
        Tensor x = random(DType.F32, 3, 1, 1, 4, 4);
        Tensor y = Ops.apply(new MaxPool2d(pool.window(), false, false), x);
        assertThatThrownBy(() -> Gradients.of(y.sum(), x)).isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("without the places of the maxima");
    }

    /** act_gradient(maxpool_gradient(dy)) becomes maxpool_gradient(act_gradient(dy)), of the maxima, and nothing keeps the activations. */
    @ParameterizedTest
    @CsvSource({"RELU, 2, 2, true", "RELU, 3, 2, true", "TANH, 2, 2, true", "TANH, 3, 2, false", "LEAKY_RELU, 2, 3, true", "ELU, 2, 2, true",
        "SIGMOID, 2, 1, false", "EXP, 2, 2, false"})
    void theGradientOfAnActivationIsTakenOfTheMaxima(Unary.Kind kind, int side, int stride, boolean moved) {
        Window2d pooling = Window2d.of(side).stride(stride);
        Tensor weight = random(DType.F32, 1, 6, 3, 5, 5);
        UnaryOperator<Tensor> gradient = x -> {
            Tensor y = Ops.apply(new Unary(kind, 0.1, 0), x.conv2d(weight, null, window, 1)).maxPool2d(pooling);
            return Gradients.of(y.square().sum(), x).get(x);
        };
        Tensor a = random(DType.F32, 2, 3, 3, 13, 12);
        try (Plan plan = Plan.compile(graph, gradient.apply(graph.input("x", a.spec())))) {
            String name = kind.name().toLowerCase(java.util.Locale.ROOT) + "_gradient";
            assertThat(computing(plan)).containsSubsequence(moved ? new String[] {name, "maxpool2d_gradient"} : new String[] {"maxpool2d_gradient", name});
            plan.run(a);
            Close.same("gradient", plan.output(0), gradient.apply(a));
        }
    }

    /** Somebody else's gradient joins that of the pooling, or takes it; or what was pooled is not the activation. */
    @Test
    void otherGradientsOfActivationsStay() {
        Tensor weight = random(DType.F32, 1, 6, 3, 5, 5);
        Window2d apart = Window2d.of(2).stride(2);
        List<UnaryOperator<Tensor>> losses = List.of(
                x -> { Tensor y = x.conv2d(weight, null, window, 1).tanh(); return y.maxPool2d(apart).sum().add(y.square().sum()); },
                x -> { Tensor z = x.conv2d(weight, null, window, 1); return z.tanh().mul(z.sigmoid()).maxPool2d(apart).sum(); });
        Tensor a = random(DType.F32, 2, 2, 3, 12, 12);
        for (UnaryOperator<Tensor> loss : losses) {
            Graph own = new Graph();
            Tensor x = own.input("x", a.spec());
            try (Plan plan = Plan.compile(own, Gradients.of(loss.apply(x), x).get(x))) {
                assertThat(computing(plan)).containsSubsequence("maxpool2d_gradient", "tanh_gradient");
                plan.run(a);
                Close.same("gradient", plan.output(0), Gradients.of(loss.apply(a), a).get(a));
            }
        }
    }

    /** Operations of a net do not become fewer by being joined. */
    @Test
    void itCountsWhatBothCompute() {
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(2, 3, 12, 12)));
        Tensor y = x.conv2d(random(DType.F32, 1, 6, 3, 5, 5), null, window, 1).avgPool2d(Window2d.of(2, 3).stride(2, 3));
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(computing(plan)).containsExactly("conv2d");
            assertThat(plan.flops()).isEqualTo(2L * (2 * 6 * 12 * 12) * (3 * 5 * 5) + 2 * 6 * 12 * 12);
        }
    }

    @Test
    void whatSomebodyElseTakesIsMadeWhole() {
        Tensor weight = random(DType.F32, 1, 6, 3, 5, 5);
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(2, 3, 12, 12)));
        Tensor conv = x.conv2d(weight, null, window, 1);
        Tensor[] max = Ops.applyAll(new MaxPool2d(Window2d.of(2).stride(2), false), conv);
        Tensor last = conv.avgPool2d(Window2d.of(2).stride(2));
        for (Plan plan : List.of(Plan.compile(graph, last, conv), Plan.compile(graph, max[0], max[1]), Plan.compile(graph, last, max[0]))) {
            try (plan) {
                assertThat(computing(plan)).containsAnyOf("avgpool2d", "maxpool2d");
            }
        }
    }

    @Test
    void onlyWindowsSideBySideThatCoverTheResult() {
        Tensor weight = random(DType.F32, 1, 6, 3, 5, 5);
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(2, 3, 12, 12)));
        Tensor conv = x.conv2d(weight, null, window, 1);
        for (Window2d other : List.of(Window2d.of(2), Window2d.of(3).stride(2), Window2d.of(2).stride(2).pad(1), Window2d.of(5).stride(5),
                Window2d.of(1, 2).stride(1, 2))) {
            assertApart(Ops.apply(new AvgPool2d(other, false, true), conv));
        }
        assertApart(conv.maxPool2d(Window2d.of(2).stride(2).dilation(2)));
        assertApart(Ops.applyAll(new MaxPool2d(Window2d.of(5).stride(5), true), conv)[0]);
    }

    private void assertApart(Tensor y) {
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(computing(plan)).as("%s", y.node().op()).hasSize(2);
        }
    }

    /** 3x3 with 16 or with 32 and more channels, in one group. */
    @ParameterizedTest
    @CsvSource({"16, 16, 1, 2", "32, 16, 1, 2", "40, 64, 1, 2", "15, 16, 1, 1", "16, 24, 1, 1", "31, 32, 1, 1", "64, 32, 2, 1"})
    void minimalFilteringIsLeftAlone(int channels, int results, int groups, int operations) {
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(2, channels, 12, 12)));
        Tensor weight = random(DType.F32, 1, results, channels / groups, 3, 3);
        Tensor y = x.conv2d(weight, null, Window2d.of(3).pad(1), groups).maxPool2d(Window2d.of(2).stride(2));
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(computing(plan)).hasSize(operations);
        }
    }

    @Test
    void itHasNoGradientRuleNoResidualAndNoOtherActivation() {
        WindowPooling pooling = new WindowPooling(WindowPooling.Kind.MAX, 2, 2);
        Conv2d op = new Conv2d(window, 1).withPooling(pooling);
        assertThat(op.withActivation(new Activation(Activation.Kind.RELU, 0))).isNull();
        Tensor w = random(DType.F32, 1, 2, 1, 5, 5);
        Tensor y = Ops.apply(op, random(DType.F32, 2, 1, 1, 8, 8), w);
        assertThatThrownBy(() -> Gradients.of(y.sum(), w)).isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("conv2d");
        assertThatThrownBy(() -> new Conv2d(window, 1, Activation.IDENTITY).withResidual().withPooling(pooling))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("residual");
        assertThatThrownBy(() -> new WindowPooling(WindowPooling.Kind.NONE, 2, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 x 1");
        assertThatThrownBy(() -> new WindowPooling(WindowPooling.Kind.MAX, 0, 2)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("0 x 2");
    }
}
