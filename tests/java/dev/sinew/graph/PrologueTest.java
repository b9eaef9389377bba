package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Broadcast;
import dev.sinew.Close;
import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import dev.sinew.op.SgdStep;
import dev.sinew.op.Unary;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What follows from captured tensors alone is computed when they change, and only then. */
@ExtendWith(Scoped.class)
class PrologueTest {
    private final Graph graph = new Graph();
    private final Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(3, 4)));
    private Tensor w;

    /** Not sooner: the scope is not open yet when the fields are initialised. */
    @BeforeEach
    void weight() {
        w = random(1, 4, 5);
    }

    private static Tensor random(long seed, long... shape) {
        return Tensor.normal(Shape.of(shape), 0, 1, seed);
    }

    /** Constants only: part of the graph though no input takes part. */
    private Tensor exp(Tensor constant) {
        return graph.add(Unary.of(Unary.Kind.EXP), constant)[0];
    }

    @Test
    void theOperationsArePartedFromThoseOfEveryRun() {
        try (Plan plan = Plan.compile(graph, x.matmul(exp(w).mul(2)).add(1))) {
            assertThat(plan.prologue()).containsExactly("exp(f32[4, 5])", "affine(f32[4, 5])", "matmul_pack(f32[4, 5])");
            assertThat(plan.operations()).satisfiesExactly(op -> assertThat(op).startsWith("matmul(f32[3, 4], f32[4, 5], "),
                    op -> assertThat(op).isEqualTo("affine(f32[3, 5])"));
        }
    }

    @Test
    void everyChangeOfACapturedTensorIsFollowed() {
        Tensor bias = random(2, 5);
        Tensor y = Ops.apply(new Gemm(false, false), x, exp(w), exp(bias));
        Tensor rate = Tensor.full(DType.F64, Shape.scalar(), 0.1);
        Tensor step = Tensor.full(DType.I64, Shape.scalar(), 1);
        SgdStep sgd = new SgdStep(0, 0, 0, false);
        Graph other = new Graph();
        Tensor gradient = other.input("gradient", w.spec());
        other.add(sgd, w, gradient, rate, step);
        try (Plan plan = Plan.compile(graph, y); Plan second = Plan.compile(graph, y); Plan training = Plan.compile(other)) {
            Tensor a = random(3, 3, 4);
            List<Consumer<Integer>> changes = List.of(i -> { }, i -> w.copyFrom(random(10 + i, 4, 5)), i -> w.fill(0.25 * i),
                    i -> bias.copyFrom(random(20 + i, 5)), i -> Ops.applyAll(sgd, w, random(30 + i, 4, 5), rate, step),
                    i -> training.run(random(40 + i, 4, 5)));
            for (int i = 0; i < 3 * changes.size(); i++) {
                changes.get(i % changes.size()).accept(i);
                a.copyFrom(random(100 + i, 3, 4));
                Tensor expected = Ops.apply(new Gemm(false, false), a, w.exp(), bias.exp());
                plan.run(a);
                Close.same("after change " + i, plan.output(0), expected);
                if (i % 3 == 0) {
                    second.run(a);
                    Close.same("another plan, after change " + i, second.output(0), expected);
                }
            }
        }
    }

    /** The change is made behind the library's back, to see whether the prologue runs. */
    @Test
    void nothingIsComputedAgainWhenNothingChanged() {
        try (Plan plan = Plan.compile(graph, x.matmul(exp(w)))) {
            Tensor a = random(3, 3, 4);
            plan.run(a);
            double[] before = plan.output(0).toDoubles();
            w.buffer().memory().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 5);
            plan.run(a);
            assertThat(plan.output(0).toDoubles()).isEqualTo(before);
            w.buffer().touch();
            plan.run(a);
            Close.same("noticed", plan.output(0), a.matmul(w.exp()));
        }
    }

    @Test
    void anotherInstructionSetMakesItRunAgain() {
        Cpu.Isa isa = Cpu.isa();
        Tensor wide = random(4, 4, 500);
        try (Plan plan = Plan.compile(graph, x.matmul(exp(wide)))) {
            Tensor a = random(3, 3, 4);
            for (Cpu.Isa cap : new Cpu.Isa[] {isa, Cpu.Isa.GENERIC, Cpu.Isa.AVX2, isa, Cpu.Isa.GENERIC}) {
                if (cap.compareTo(isa) <= 0) {
                    Cpu.setMaxIsa(cap);
                    plan.run(a);
                    Close.same("with " + cap, plan.output(0), a.matmul(wide.exp()));
                }
            }
        } finally {
            Cpu.setMaxIsa(isa);
        }
    }

    // ---- what must be computed in every run ----

    @Test
    void outputsAreComputedInEveryRun() {
        Tensor square = graph.add(Unary.of(Unary.Kind.SQUARE), w)[0];
        try (Plan plan = Plan.compile(graph, square.reshape(20), x.matmul(square))) {
            Tensor a = random(3, 3, 4);
            for (int i = 0; i < 3; i++) {
                plan.run(a);
                Close.same("output of run " + i, plan.output(0), w.square().reshape(20));
                Close.same("product of run " + i, plan.output(1), a.matmul(w.square()));
                plan.output(0).fill(7);
            }
        }
    }

    @Test
    void whatAPlanOverwritesIsNoConstant() {
        Tensor counter = Tensor.zeros(4, 5);
        Tensor next = graph.add(new Unary(Unary.Kind.AFFINE, 1, 1), counter)[0];
        Tensor y = x.matmul(next);
        try (Plan plan = Plan.compile(graph, List.of(y), Map.of(next, counter))) {
            assertThat(plan.prologue()).isEmpty();
            Tensor a = random(3, 3, 4);
            for (int i = 1; i <= 3; i++) {
                plan.run(a);
                assertThat(counter.toDoubles()).containsOnly(i);
            }
        }
    }

    @Test
    void aConstantThatAnOperationOverwritesBeginsAnewInEveryRun() {
        Tensor one = Tensor.full(DType.F32, Shape.of(4), 1);
        Tensor zero = Tensor.zeros(4);
        Tensor mean = graph.add(new Unary(Unary.Kind.AFFINE, 1, 5), zero)[0];
        Tensor variance = exp(zero);
        Tensor normal = Ops.applyAll(new BatchNorm(1e-5, 0.5, Activation.IDENTITY), x, one, zero, mean, variance)[0];
        Tensor sum = normal.add(mean, Broadcast.YES);
        try (Plan plan = Plan.compile(graph, sum)) {
            Tensor a = random(3, 3, 4);
            plan.run(a);
            double[] first = plan.output(0).toDoubles();
            plan.run(a);
            assertThat(plan.output(0).toDoubles()).isEqualTo(first);
        }
    }

    @Test
    void theResultsAreNotOverwrittenByWhatRunsLater() {
        Tensor constant = exp(w);
        Tensor y = x.matmul(constant);
        for (int i = 0; i < 6; i++) {
            y = y.matmul(constant.transpose()).tanh().matmul(constant.mul(0.1));
        }
        y = y.mul(constant.sum(), Broadcast.YES);
        try (Plan plan = Plan.compile(graph, y)) {
            for (int i = 0; i < 3; i++) {
                Tensor a = random(50 + i, 3, 4);
                Tensor c = w.exp();
                Tensor expected = a.matmul(c);
                for (int k = 0; k < 6; k++) {
                    expected = expected.matmul(c.transpose()).tanh().matmul(c.mul(0.1));
                }
                plan.run(a);
                Close.same("run " + i, plan.output(0), expected.mul(c.sum(), Broadcast.YES));
            }
        }
    }

    // ---- errors ----

    @Test
    void aRefusedConstantIsRefusedUntilItIsPutRight() {
        Tensor labels = Tensor.of(new int[] {0, 9, 1}, 3);
        Tensor loss = graph.add(new CrossEntropy(Reduction.MEAN), random(5, 3, 4), labels)[0];
        try (Plan plan = Plan.compile(graph, x.mul(loss, Broadcast.YES))) {
            Tensor a = random(3, 3, 4);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> plan.run(a)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cross_entropy");
            }
            labels.copyFrom(new int[] {0, 3, 1});
            for (int i = 0; i < 2; i++) {
                plan.run(a);
                Close.same("put right", plan.output(0), a.mul(random(5, 3, 4).crossEntropy(labels), Broadcast.YES));
            }
        }
    }

    @Test
    void aClosedConstantIsRefused() {
        Scope inner = Scope.open();
        Tensor gone = random(1, 4, 5);
        try (Plan plan = Plan.compile(graph, x.matmul(exp(gone)))) {
            plan.run(random(2, 3, 4));
            inner.close();
            assertThatThrownBy(() -> plan.run(random(2, 3, 4))).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        }
    }
}
