package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dPack;
import dev.sinew.op.Gemm;
import dev.sinew.op.GemmPack;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Constant weights in the order of the kernels, and convolutions that add a residual. */
@ExtendWith(Scoped.class)
class PackingTest {
    /** An operation whose second input is a weight. */
    record Case(Op op, DType dtype, long[] x, long[] weight, boolean bias) {
        Tensor x(long seed) {
            return random(dtype, seed, x);
        }

        Tensor weight(long seed) {
            return random(dtype, seed, weight);
        }

        Tensor apply(Tensor x, Tensor w) {
            long outputs = op instanceof Gemm gemm && !gemm.transB() ? weight[1] : weight[0];
            return Ops.apply(op, Ops.present(x, w, bias ? random(dtype, 9, outputs) : null));
        }
    }

    static List<Case> cases() {
        Conv2d same = new Conv2d(Window2d.of(3).pad(1), 1);
        return List.of(new Case(same, DType.F32, new long[] {2, 16, 12, 12}, new long[] {32, 16, 3, 3}, true),
                new Case(same, DType.F32, new long[] {1, 64, 9, 9}, new long[] {64, 64, 3, 3}, false),
                new Case(same, DType.F64, new long[] {2, 3, 7, 6}, new long[] {5, 3, 3, 3}, true),
                new Case(new Conv2d(Window2d.of(5).stride(2), 1), DType.F32, new long[] {3, 3, 20, 17}, new long[] {7, 3, 5, 5}, true),
                new Case(new Conv2d(Window2d.of(3).pad(1), 24), DType.F32, new long[] {2, 24, 8, 8}, new long[] {24, 1, 3, 3}, true),
                new Case(new Conv2d(Window2d.of(1), 2), DType.F32, new long[] {2, 8, 5, 5}, new long[] {6, 4, 1, 1}, false),
                new Case(new Gemm(false, true), DType.F32, new long[] {1, 100}, new long[] {40, 100}, true),
                new Case(new Gemm(false, true), DType.F32, new long[] {64, 300}, new long[] {200, 300}, true),
                new Case(new Gemm(true, false), DType.F32, new long[] {300, 70}, new long[] {300, 90}, false),
                new Case(new Gemm(false, false), DType.F32, new long[] {3, 4}, new long[] {4, 2}, true),
                new Case(new Gemm(false, true), DType.F64, new long[] {9, 50}, new long[] {20, 50}, true));
    }

    private static Tensor random(DType dtype, long seed, long... shape) {
        return Tensor.normal(Shape.of(shape), 0, 1, seed).cast(dtype);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void constantWeightsArePackedWhenTheyChange(Case c) {
        Graph graph = new Graph();
        Tensor w = c.weight(1);
        Tensor y = c.apply(graph.input("x", c.x(0).spec()), w);
        Cpu.Isa isa = Cpu.isa();
        try (Plan plan = Plan.compile(graph, y.relu()); Plan second = Plan.compile(graph, y.relu())) {
            assertThat(plan.prologue()).hasSize(1).first().asString().contains("_pack(");
            assertThat(plan.operations()).noneMatch(op -> op.contains("_pack("));
            for (int i = 0; i < 9; i++) {
                Cpu.Isa cap = i % 3 == 1 ? Cpu.Isa.values()[i / 3 % 3] : isa;
                Cpu.setMaxIsa(cap.compareTo(isa) < 0 ? cap : isa);
                if (i % 2 == 1) {
                    w.copyFrom(c.weight(10 + i));
                }
                for (Plan each : List.of(plan, second, plan)) {
                    Tensor x = c.x(20 + i);
                    each.run(x);
                    Close.same("run " + i + " with " + Cpu.isa(), each.output(0), c.apply(x, w).relu());
                }
            }
        } finally {
            Cpu.setMaxIsa(isa);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatChangesInARunIsNotPacked(Case c) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", c.x(0).spec());
        Tensor w = graph.input("w", c.weight(0).spec());
        try (Plan plan = Plan.compile(graph, c.apply(x, w))) {
            assertThat(plan.prologue()).isEmpty();
            Tensor a = c.x(1);
            for (int i = 0; i < 2; i++) {
                plan.run(a, c.weight(i));
                Close.same("run " + i, plan.output(0), c.apply(a, c.weight(i)));
            }
        }
    }

    /** Bytes that are no packed weight, or one for other sizes or kernels, are refused; nothing is read beyond them. */
    @Test
    void whatIsNotThePackedWeightIsRefused() {
        Tensor x = random(DType.F32, 1, 1, 16, 12, 12);
        Tensor w = random(DType.F32, 2, 16, 16, 3, 3);
        Window2d window = Window2d.of(3).pad(1);
        Op conv = new Conv2d(window, 1).withPacked();
        Tensor packed = Ops.apply(new Conv2dPack(window, 1, x.shape()), w);
        Close.same("with what belongs to it", Ops.apply(conv, x, w, packed), Ops.apply(new Conv2d(window, 1), x, w));
        Tensor elsewhere = Ops.apply(new Conv2dPack(window, 1, Shape.of(1, 16, 12, 13)), w);
        UnaryOperator<Tensor> asLong = t -> t.shape().count() < packed.shape().count()
                ? Tensor.concat(0, t, Tensor.zeros(packed.shape().count() - t.shape().count())) : t.slice(0, 0, packed.shape().count());
        for (Tensor wrong : List.of(Tensor.zeros(packed.shape().dims()), packed.mul(2), asLong.apply(elsewhere),
                asLong.apply(Ops.apply(new GemmPack(false, 12), random(DType.F32, 3, 64, 64))))) {
            assertThatThrownBy(() -> Ops.apply(conv, x, w, wrong)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("conv2d(");
        }
        assertThatThrownBy(() -> Ops.apply(conv, x, w, packed.slice(0, 0, packed.shape().count() - 16))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the packed weight").hasMessageContaining(packed.shape().toString());

        Tensor a = random(DType.F32, 4, 64, 64);
        Op product = new Gemm(false, false).withPacked();
        Tensor ofA = Ops.apply(new GemmPack(false, 64), a);
        Close.same("with what belongs to it", Ops.apply(product, a, a, ofA), a.matmul(a));
        assertThatThrownBy(() -> Ops.apply(product, a, a, ofA.mul(2))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("matmul(");
        Cpu.Isa isa = Cpu.isa();
        if (isa != Cpu.Isa.GENERIC) {
            try {
                Cpu.setMaxIsa(Cpu.Isa.GENERIC);
                assertThatThrownBy(() -> Ops.apply(conv, x, w, packed)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> Ops.apply(product, a, a, ofA)).isInstanceOf(IllegalArgumentException.class);
            } finally {
                Cpu.setMaxIsa(isa);
            }
        }
    }

    // ---- residuals ----

    private final Graph graph = new Graph();
    private final Window2d window = Window2d.of(3).pad(1);

    private Tensor input(String name, long... shape) {
        return graph.input(name, new Spec(DType.F32, Shape.of(shape), Layout.CHANNELS_LAST));
    }

    private static Tensor image(long seed, long... shape) {
        return Tensor.empty(new Spec(DType.F32, Shape.of(shape), Layout.CHANNELS_LAST)).copyFrom(random(DType.F32, seed, shape));
    }

    private static void isSum(Plan plan, Tensor conv, Tensor other) {
        // the sum of 54 + 2 numbers in another order
        double[] actual = plan.output(0).toDoubles();
        double[] c = conv.toDoubles();
        double[] o = other.toDoubles();
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(Math.max(0, c[i] + o[i]), org.assertj.core.data.Offset.offset(56 * 0x1p-24 * 54 * 4));
        }
    }

    @Test
    void aSumJoinsTheConvolution() {
        Tensor x = input("x", 2, 6, 8, 7);
        Tensor other = input("other", 2, 6, 8, 7);
        Tensor w = random(DType.F32, 1, 6, 6, 3, 3);
        Tensor bias = random(DType.F32, 2, 6);
        Tensor conv = x.conv2d(w, bias, window, 1);
        Tensor a = image(3, 2, 6, 8, 7);
        Tensor b = image(4, 2, 6, 8, 7);
        for (Tensor y : new Tensor[] {conv.add(other).relu(), other.add(conv).relu()}) {
            try (Plan plan = Plan.compile(graph, y)) {
                assertThat(plan.operations()).hasSize(1).first().asString().startsWith("conv2d(f32[2, 6, 8, 7], f32[6, 6, 3, 3], f32[2, 6, 8, 7], ");
                plan.run(a, b);
                isSum(plan, a.conv2d(w, bias, window, 1), b);
                Close.same("the input stays", b, image(4, 2, 6, 8, 7));
            }
        }
        try (Plan plan = Plan.compile(graph, x.conv2d(w, bias, window, 1).add(x).relu())) {
            assertThat(plan.operations()).hasSize(1);
            plan.run(a, b);
            isSum(plan, a.conv2d(w, bias, window, 1), a);
        }
    }

    /** A chain of blocks takes the memory of two images: each block's sum lies where the residual was. */
    @Test
    void theSumTakesTheMemoryOfTheResidual() {
        Tensor x = input("x", 2, 6, 8, 7);
        Tensor w = random(DType.F32, 1, 6, 6, 3, 3);
        Tensor y = x.tanh();
        for (int i = 0; i < 4; i++) {
            y = y.add(y.conv2d(w, null, window, 1).tanh().conv2d(w, null, window, 1)).relu();
        }
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.operations()).hasSize(9);
            long image = 2 * 6 * 8 * 7 * 4;
            assertThat(plan.workspaceBytes()).isLessThan(3 * image + 64 * 1024);
            for (int run = 0; run < 2; run++) {
                Tensor a = image(run, 2, 6, 8, 7);
                Tensor e = a.tanh();
                for (int i = 0; i < 4; i++) {
                    e = e.add(e.conv2d(w, null, window, 1).tanh().conv2d(w, null, window, 1)).relu();
                }
                plan.run(a);
                Close.within("run " + run, plan.output(0), e, 1e-4, 1e-3);
            }
        }
    }

    private static Tensor norm(Tensor x, Tensor gamma, Tensor beta) {
        return Ops.applyAll(new BatchNorm(1e-5, 0.1, Activation.IDENTITY), x, gamma, beta, Tensor.zeros(6), Tensor.zeros(6).fill(1))[0];
    }

    /** Of the gradients, too: that of the ReLU after the sum is not that of a ReLU after the normalisation. */
    @Test
    void aSumJoinsTheBatchNormalisation() {
        Tensor gamma = random(DType.F32, 1, 6);
        Tensor beta = random(DType.F32, 2, 6);
        Tensor a = image(3, 2, 6, 8, 7);
        for (int order = 0; order < 4; order++) {
            Graph alone = new Graph(); // an operation that overwrites something stays in every plan of its graph
            Tensor x = alone.input("x", a.spec());
            Tensor other = x.tanh();
            Tensor sum = order % 2 == 0 ? norm(x, gamma, beta).add(other) : other.add(norm(x, gamma, beta));
            Tensor y = order < 2 ? sum.relu() : sum;
            Gradients g = order == 0 ? Gradients.of(y.square().sum(), gamma, beta) : Gradients.of(y.square().sum(), x, gamma, beta);
            try (Plan plan = Plan.compile(alone, y, g.get(gamma), g.get(beta)); Plan forward = Plan.compile(alone, y)) {
                assertThat(forward.operations()).hasSize(2).noneMatch(op -> op.startsWith("add") || op.startsWith("relu"));
                forward.run(a);
                plan.run(a);
                Tensor n = norm(a, gamma, beta);
                Tensor e = order < 2 ? n.add(a.tanh()).relu() : n.add(a.tanh());
                Gradients eager = Gradients.of(e.square().sum(), gamma, beta);
                Close.same("forward", forward.output(0), e);
                Close.same("sum", plan.output(0), e);
                Close.same("gamma", plan.output(1), eager.get(gamma));
                Close.same("beta", plan.output(2), eager.get(beta));
            }
        }
    }

    @Test
    void aSumThatCannotJoinIsComputedApart() {
        Tensor x = input("x", 2, 6, 8, 7);
        Tensor other = input("other", 2, 6, 8, 7);
        Tensor w = random(DType.F32, 1, 6, 6, 3, 3);
        Tensor conv = x.conv2d(w, null, window, 1);
        Tensor channel = input("channel", 1, 6, 1, 1);
        Tensor late = x.conv2d(w, null, window, 1);
        Tensor later = other.tanh();
        Tensor a = image(3, 2, 6, 8, 7);
        Tensor b = image(4, 2, 6, 8, 7);
        Tensor c = image(5, 1, 6, 1, 1);
        Tensor e = a.conv2d(w, null, window, 1);
        Tensor[] sums = {conv.add(other), conv.add(conv), conv.relu().add(other), conv.sub(other), conv.add(channel, dev.sinew.Broadcast.YES),
            late.add(later)};
        Tensor[] expected = {e.add(b), e.add(e), e.relu().add(b), e.sub(b), e.add(c, dev.sinew.Broadcast.YES), e.add(b.tanh())};
        for (int i = 0; i < sums.length; i++) {
            try (Plan plan = i == 0 ? Plan.compile(graph, sums[0], conv) : Plan.compile(graph, sums[i])) {
                assertThat(plan.operations()).anyMatch(op -> op.startsWith("add") || op.startsWith("sub"));
                plan.run(a, b, c);
                Close.same("sum " + i, plan.output(0), expected[i]);
            }
        }
    }

    @Test
    void theGradientOfASumThatJoined() {
        Tensor x = input("x", 2, 6, 8, 7);
        Tensor w = random(DType.F32, 1, 6, 6, 3, 3);
        Tensor v = random(DType.F32, 2, 6, 6, 3, 3);
        Tensor y = x.conv2d(w, null, window, 1).tanh();
        Tensor z = y.add(y.conv2d(v, null, window, 1)).relu();
        Gradients g = Gradients.of(z.square().sum(), x, w, v);
        try (Plan plan = Plan.compile(graph, g.get(x), g.get(w), g.get(v))) {
            assertThat(plan.operations()).filteredOn(op -> op.startsWith("add")).as("of the gradients").hasSize(1);
            Tensor a = image(3, 2, 6, 8, 7);
            Tensor h = a.conv2d(w, null, window, 1).tanh();
            Gradients eager = Gradients.of(h.add(h.conv2d(v, null, window, 1)).relu().square().sum(), a, w, v);
            plan.run(a);
            int i = 0;
            for (Tensor t : new Tensor[] {a, w, v}) {
                Close.within("gradient " + i, plan.output(i++), eager.get(t), 1e-4, 1e-3);
            }
        }
    }

    /** As in the training of a residual net: identity and projection, each sum and its ReLU being part of a normalisation. */
    @Test
    void aSumJoinsTheNormalisation() {
        Tensor x = input("x", 4, 6, 8, 7);
        Tensor a = image(3, 4, 6, 8, 7);
        Tensor[] p = {random(DType.F32, 1, 6, 6, 3, 3), random(DType.F32, 2, 6).square().add(0.5), random(DType.F32, 3, 6),
            random(DType.F32, 4, 6, 6, 1, 1)};
        Tensor[] running = new Tensor[8];
        for (int i = 0; i < 8; i++) {
            running[i] = Tensor.full(DType.F32, Shape.of(6), i % 2);
        }
        Tensor y = blocks(x, p, running, 0);
        Gradients g = Gradients.of(y.square().mean(), x, p[0], p[1], p[2], p[3]);
        try (Plan plan = Plan.compile(graph, y, g.get(x), g.get(p[0]), g.get(p[1]), g.get(p[2]), g.get(p[3]))) {
            assertThat(plan.operations()).as("a ReLU joins only after its sum").noneMatch(op -> op.startsWith("relu("))
                    .filteredOn(op -> op.startsWith("batchnorm(")).hasSize(3);
            plan.run(a);
            Tensor e = blocks(a, p, running, 4);
            Gradients eager = Gradients.of(e.square().mean(), a, p[0], p[1], p[2], p[3]);
            // some ten operations on numbers of about 1, sums of up to 224 of them: 1e-7 * 224 at the very most
            Close.within("y", plan.output(0), e, 1e-5, 1e-5);
            Tensor[] wrt = {a, p[0], p[1], p[2], p[3]};
            for (int i = 0; i < wrt.length; i++) {
                Close.within("gradient " + i, plan.output(1 + i), eager.get(wrt[i]), 1e-4, 2e-5);
            }
            Close.within("running mean", running[0], running[4], 1e-5, 1e-6);
        }
    }

    private Tensor blocks(Tensor x, Tensor[] p, Tensor[] running, int from) {
        Tensor first = norm(x.conv2d(p[0], null, window, 1), p, running, from).add(x).relu();
        Tensor body = norm(first.conv2d(p[0], null, window, 1), p, running, from + 2);
        return body.add(norm(first.conv2d(p[3], null, Window2d.of(1), 1), p, running, from + 2)).relu();
    }

    private static Tensor norm(Tensor x, Tensor[] p, Tensor[] running, int from) {
        return Ops.applyAll(new BatchNorm(1e-5, 0.1, Activation.IDENTITY), x, p[1], p[2], running[from], running[from + 1])[0];
    }

    @Test
    void residualAndPackedHaveNoGradientRule() {
        Tensor x = image(1, 1, 2, 4, 4);
        Tensor w = random(DType.F32, 2, 2, 2, 3, 3);
        Tensor y = Ops.apply(new Conv2d(window, 1, Activation.IDENTITY).withResidual(), x, w, x);
        Close.within("sum", y, x.conv2d(w, null, window, 1).add(x), 1e-5, 1e-5);
        assertThatThrownBy(() -> Gradients.of(y.sum(), w)).isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("conv2d");
    }
}
