package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.LiveMemory;
import dev.sinew.NativeMemory;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Dropout;
import dev.sinew.op.Ops;
import dev.sinew.op.RandomFill;
import dev.sinew.op.SgdStep;
import dev.sinew.op.Window2d;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
class PlanTest {
    private final Graph graph = new Graph();

    private Tensor input(String name, long... shape) {
        return graph.input(name, Spec.of(DType.F32, Shape.of(shape)));
    }

    private static Tensor random(long seed, long... shape) {
        return Tensor.normal(Shape.of(shape), 0, 1, seed);
    }

    // ---- inputs ----

    @Test
    void inputsCanBeOtherTensorsInEveryRun() {
        Tensor x = input("x", 3, 4);
        Tensor y = input("y", 4, 2);
        try (Plan plan = Plan.compile(graph, x.relu().matmul(y))) {
            for (int i = 0; i < 4; i++) {
                Tensor a = random(i, 3, 4);
                Tensor b = random(100 + i / 2, 4, 2);
                plan.run(a, b);
                Close.same("run " + i, plan.output(0), a.relu().matmul(b));
                a.fill(0.5);
                plan.run(a, b);
                Close.same("run " + i + " with other values in the same memory", plan.output(0), a.relu().matmul(b));
            }
        }
    }

    @Test
    void aViewOfAnInputIsReadWhereTheInputIs() {
        Tensor x = input("x", 2, 6);
        try (Plan plan = Plan.compile(graph, x.reshape(3, 4).square().reshape(12))) {
            for (int i = 0; i < 3; i++) {
                Tensor a = random(i, 2, 6);
                plan.run(a);
                Close.same("run " + i, plan.output(0), a.square().reshape(12));
            }
        }
    }

    @Test
    void anInputCanBeAnOutput() {
        Tensor x = input("x", 2, 3);
        Tensor labels = graph.input("labels", Spec.of(DType.I32, Shape.of(4)));
        try (Plan plan = Plan.compile(graph, x, x.reshape(6), labels)) {
            Tensor a = random(1, 2, 3);
            plan.run(a, Tensor.of(new int[] {1, 2, 3, 4}, 4));
            Close.same("input", plan.output(0), a);
            Close.same("view", plan.output(1), a.reshape(6));
            assertThat(plan.output(2).toInts()).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void inputsThatDoNotMatchAreRefused() {
        Tensor x = input("x", 2, 3, 4, 5);
        try (Plan plan = Plan.compile(graph, x.relu())) {
            assertThatThrownBy(plan::run).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("takes 1 inputs, not 0");
            assertThatThrownBy(() -> plan.run((Tensor) null)).isInstanceOf(NullPointerException.class).hasMessageContaining("\"x\"");
            assertThatThrownBy(() -> plan.run(random(1, 2, 3, 5, 4))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"x\" must be f32[2, 3, 4, 5]").hasMessageContaining("[2, 3, 5, 4]");
            assertThatThrownBy(() -> plan.run(random(1, 2, 3, 4, 5).cast(DType.F64))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("f64");
            assertThatThrownBy(() -> plan.run(Tensor.empty(new Spec(DType.F32, Shape.of(2, 3, 4, 5), Layout.CHANNELS_LAST))))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("CHANNELS_LAST");
            assertThatThrownBy(() -> plan.run(x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("without values");
        }
    }

    @Test
    void thePlansOwnOutputIsRefusedAsInput() {
        Tensor x = input("x", 5);
        try (Plan plan = Plan.compile(graph, x.square())) {
            plan.run(random(1, 5));
            assertThatThrownBy(() -> plan.run(plan.output(0))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("give a copy");
            plan.run(plan.output(0).copy());
            Close.same("fourth power", plan.output(0), random(1, 5).square().square());
        }
    }

    @Test
    void aCapturedTensorIsReadAsItIsWhenThePlanRuns() {
        Tensor w = Tensor.zeros(1, 2, 2, 2);
        Tensor kernel = input("kernel", 1, 2, 1, 1);
        try (Plan plan = Plan.compile(graph, w.conv2d(kernel, null, Window2d.of(1), 1))) {
            Tensor k = random(3, 1, 2, 1, 1);
            for (int i = 0; i < 3; i++) {
                w.copyFrom(random(i, 1, 2, 2, 2));
                plan.run(k);
                Close.same("run " + i, plan.output(0), w.conv2d(k, null, Window2d.of(1), 1));
            }
        }
    }

    // ---- fusion ----

    @Test
    void anActivationJoinsTheOperationBeforeIt() {
        Tensor x = input("x", 2, 3, 6, 6);
        Tensor w = random(1, 4, 3, 3, 3);
        Tensor v = random(2, 144, 5);
        Tensor y = x.conv2d(w, null, Window2d.of(3).pad(1), 1).relu().flatten().matmul(v).tanh();
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.operations()).noneMatch(op -> op.startsWith("relu") || op.startsWith("tanh"));
            Tensor a = random(3, 2, 3, 6, 6);
            plan.run(a);
            Close.same("fused", plan.output(0), a.conv2d(w, null, Window2d.of(3).pad(1), 1).relu().flatten().matmul(v).tanh());
        }
    }

    @Test
    void whatIsUsedElsewhereIsNotFused() {
        Tensor x = input("x", 3, 4);
        Tensor w = random(1, 4, 5);
        Tensor before = x.matmul(w);
        Tensor after = before.relu();
        Tensor target = Tensor.zeros(3, 5);
        Tensor a = random(2, 3, 4);
        for (Plan plan : List.of(Plan.compile(graph, after, before), Plan.compile(graph, after, before.square()),
                Plan.compile(graph, List.of(after), Map.of(before, target)))) {
            try (plan) {
                assertThat(plan.operations()).anyMatch(op -> op.startsWith("relu"));
                plan.run(a);
                Close.same("relu", plan.output(0), a.matmul(w).relu());
            }
        }
        Close.same("placed", target, a.matmul(w));
    }

    @Test
    void theGradientOfBatchNormTakesThatOfTheReluIn() {
        Tensor x = input("x", 4, 3, 2, 2);
        Tensor[] parameters = {random(1, 3), random(2, 3), Tensor.zeros(3), Tensor.full(DType.F32, Shape.of(3), 1)};
        Tensor y = norm(x, parameters).relu();
        Gradients g = Gradients.of(y.square().sum(), x, parameters[0], parameters[1]);
        try (Plan plan = Plan.compile(graph, y, g.get(x), g.get(parameters[0]), g.get(parameters[1]))) {
            assertThat(plan.operations()).noneMatch(op -> op.startsWith("relu"));
            Tensor a = random(3, 4, 3, 2, 2);
            plan.run(a);
            Tensor b = norm(a, parameters).relu();
            Gradients eager = Gradients.of(b.square().sum(), a, parameters[0], parameters[1]);
            Close.same("y", plan.output(0), b);
            Close.within("dx", plan.output(1), eager.get(a), 1e-5, 1e-6);
            Close.within("dgamma", plan.output(2), eager.get(parameters[0]), 1e-5, 1e-6);
            Close.within("dbeta", plan.output(3), eager.get(parameters[1]), 1e-5, 1e-6);
        }
    }

    private static Tensor norm(Tensor x, Tensor[] p) {
        return Ops.applyAll(new dev.sinew.op.BatchNorm(1e-5, 0.1, dev.sinew.op.Activation.IDENTITY), x, p[0], p[1], p[2], p[3])[0];
    }

    // ---- memory ----

    @Test
    void aChainOfElementwiseOperationsTakesTheMemoryOfOne() {
        Tensor y = input("x", 1000);
        for (int i = 0; i < 20; i++) {
            y = y.tanh().add(0.1);
        }
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.workspaceBytes()).isEqualTo(4032);
            Tensor a = random(1, 1000);
            plan.run(a);
            Tensor e = a;
            for (int i = 0; i < 20; i++) {
                e = e.tanh().add(0.1);
            }
            Close.same("chain", plan.output(0), e);
            Close.same("the input stays", a, random(1, 1000));
        }
    }

    @Test
    void resultsThatDoNotLiveTogetherShareMemory() {
        Tensor x = input("x", 32, 32);
        Tensor y = x;
        for (int i = 0; i < 10; i++) {
            y = y.matmul(x);
        }
        try (Plan plan = Plan.compile(graph, y)) {
            long scratch = plan.workspaceBytes() - 2 * 4096;
            assertThat(scratch).isBetween(0L, 64L << 10);
            Tensor a = random(1, 32, 32).mul(0.1);
            plan.run(a);
            Tensor e = a;
            for (int i = 0; i < 10; i++) {
                e = e.matmul(a);
            }
            Close.same("product", plan.output(0), e);
        }
    }

    @Test
    void inPlaceIsNotDoneToWhatIsStillNeeded() {
        Tensor x = input("x", 4);
        Tensor a = x.add(1);
        Tensor b = a.square();
        Tensor c = a.mul(b);
        Tensor d = c.add(c).reshape(2, 2);
        Tensor e = d.mul(c.reshape(2, 2)).add(a.reshape(2, 2));
        try (Plan plan = Plan.compile(graph, e, b)) {
            Tensor in = Tensor.of(new float[] {1, 2, 3, 4}, 4);
            plan.run(in);
            assertThat(plan.output(0).toDoubles()).containsExactly(2 * 64 + 2, 2 * 729 + 3, 2 * 4096 + 4, 2 * 15625 + 5);
            assertThat(plan.output(1).toDoubles()).containsExactly(4, 9, 16, 25);
        }
    }

    @Test
    void compilingAndRunningAgainAllocateNothing() {
        Tensor x = input("x", 64, 64);
        Tensor w = random(1, 64, 64);
        Tensor a = random(2, 64, 64);
        Tensor y = x.matmul(w).relu().softmax();
        Tensor dw = Gradients.of(y.square().mean(), w).get(w);
        long before = LiveMemory.settled();
        try (Plan plan = Plan.compile(graph, y, dw)) {
            assertThat(NativeMemory.liveBytes()).isEqualTo(before);
            assertThat(plan.workspaceBytes()).isPositive();
            plan.run(a);
            long running = NativeMemory.liveBytes();
            assertThat(running).isGreaterThanOrEqualTo(before + plan.workspaceBytes());
            for (int i = 0; i < 1000; i++) {
                plan.run(a);
            }
            assertThat(NativeMemory.liveBytes()).isEqualTo(running);
        }
        assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    }

    @Test
    void theSummaryNumbersAreRight() {
        Tensor x = input("x", 2, 3, 8, 8);
        Tensor y = x.conv2d(random(1, 4, 3, 3, 3), null, Window2d.of(3), 1).flatten().matmul(random(2, 144, 10));
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.flops()).isEqualTo(2L * (2 * 4 * 6 * 6) * 27 + 2L * 2 * 144 * 10);
            assertThat(plan.operations()).last().asString().startsWith("matmul(f32[2, 144], f32[144, 10], f32[");
        }
    }

    // ---- outputs and placements ----

    @Test
    void placementsWriteIntoTensorsThatExist() {
        Tensor x = input("x", 2, 3);
        Tensor y = x.square();
        Tensor view = y.add(1).reshape(6);
        Tensor[] targets = {Tensor.zeros(2, 3), Tensor.zeros(6), Tensor.zeros(2, 3)};
        try (Plan plan = Plan.compile(graph, List.of(y, view), Map.of(y, targets[0], view, targets[1], x, targets[2]))) {
            Tensor a = random(1, 2, 3);
            plan.run(a);
            Close.same("result", targets[0], a.square());
            Close.same("view", targets[1], a.square().add(1).reshape(6));
            Close.same("input", targets[2], a);
            Close.same("output", plan.output(0), a.square());
            Close.same("output", plan.output(1), a.square().add(1).reshape(6));
        }
        Close.same("after the plan is closed", targets[0], random(1, 2, 3).square());
    }

    @Test
    void placementsThatDoNotMatchAreRefused() {
        Tensor y = input("x", 2, 3).square();
        Tensor other = new Graph().input("z", y.spec());
        assertThatThrownBy(() -> Plan.compile(graph, List.of(), Map.of(y, Tensor.zeros(3, 2)))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("f32[2, 3]").hasMessageContaining("f32[3, 2]");
        assertThatThrownBy(() -> Plan.compile(graph, List.of(), Map.of(y, y))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Plan.compile(graph, List.of(), Map.of(other, Tensor.zeros(2, 3)))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Plan.compile(graph, other)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not a result of this graph");
        assertThatThrownBy(() -> Plan.compile(graph, Tensor.zeros(1))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not a result of this graph");
    }

    @Test
    void deadOperationsAreDropped() {
        Tensor x = input("x", 3);
        Tensor y = x.exp();
        x.log().sqrt().softmax();
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.operations()).containsExactly("exp(f32[3])");
        }
    }

    @Test
    void whatOverwritesIsKeptThoughNobodyReadsIt() {
        Tensor x = input("x", 3);
        Tensor w = Tensor.of(new float[] {1, 2, 3}, 3);
        Tensor rate = Tensor.full(DType.F64, Shape.scalar(), 0.5);
        Tensor step = Tensor.full(DType.I64, Shape.scalar(), 1);
        Ops.applyAll(new SgdStep(0, 0, 0, false), w, x.mul(2), rate, step);
        Tensor before = w.square();
        try (Plan plan = Plan.compile(graph)) {
            assertThat(plan.operations()).hasSize(2);
            plan.run(Tensor.of(new float[] {1, 1, 1}, 3));
            assertThat(w.toDoubles()).containsExactly(0, 1, 2);
            rate.set(1);
            plan.run(Tensor.of(new float[] {1, 0, 0}, 3));
            assertThat(w.toDoubles()).containsExactly(-2, 1, 2);
        }
        assertThatThrownBy(() -> Gradients.of(before.sum(), w)).isInstanceOf(IllegalStateException.class).hasMessageContaining("overwritten");
    }

    @Test
    void randomNumbersFollowTheStepCell() {
        Tensor x = input("x", 100);
        Tensor step = Tensor.full(DType.I64, Shape.scalar(), 0);
        Tensor noise = graph.add(new RandomFill(RandomFill.Kind.NORMAL, 0, 1, 5, x.spec()), step)[0];
        Tensor dropped = x.dropout(0.5, 6, step);
        try (Plan plan = Plan.compile(graph, noise, dropped)) {
            Tensor ones = Tensor.full(DType.F32, Shape.of(100), 1);
            double[][] runs = new double[3][];
            for (int i = 0; i < 3; i++) {
                step.set(i % 2);
                plan.run(ones);
                Close.same("dropout", plan.output(1), Ops.apply(new Dropout(0.5, 6), ones, step));
                runs[i] = plan.output(0).toDoubles();
            }
            assertThat(runs[0]).isEqualTo(runs[2]).isNotEqualTo(runs[1]);
        }
    }

    @Test
    void whatARunOverwritesIsNoticedByGradients() {
        Tensor x = input("x", 4, 3);
        Tensor mean = input("mean", 3);
        Tensor one = Tensor.full(DType.F32, Shape.of(3), 1);
        Tensor y = norm(x, new Tensor[] {one, Tensor.zeros(3), mean, Tensor.zeros(3)});
        try (Plan plan = Plan.compile(graph, y)) {
            Tensor a = random(1, 4, 3);
            Tensor running = one.copy();
            Tensor ofRunning = running.log();
            plan.run(a, running);
            assertThatThrownBy(() -> Gradients.of(ofRunning.sum(), running)).isInstanceOf(IllegalStateException.class).hasMessageContaining("overwritten");
            Tensor output = plan.output(0);
            Tensor ofOutput = output.square();
            assertThat(Gradients.of(ofOutput.sum(), output).get(output).toDoubles()).isEqualTo(output.mul(2).toDoubles());
            plan.run(a, running);
            assertThatThrownBy(() -> Gradients.of(ofOutput.sum(), output)).isInstanceOf(IllegalStateException.class).hasMessageContaining("overwritten");
        }
    }

    // ---- misuse ----

    @Test
    void outputsExistAfterTheFirstRunOnly() {
        try (Plan plan = Plan.compile(graph, input("x", 3).exp())) {
            assertThatThrownBy(() -> plan.output(0)).isInstanceOf(IllegalStateException.class).hasMessageContaining("not run yet");
        }
    }

    @Test
    void aClosedPlanAndItsOutputsAreRefused() {
        Plan plan = Plan.compile(graph, input("x", 3).exp());
        plan.run(random(1, 3));
        Tensor y = plan.output(0);
        plan.close();
        plan.close();
        assertThatThrownBy(() -> plan.run(random(1, 3))).isInstanceOf(IllegalStateException.class).hasMessageContaining("a plan, which is closed");
        assertThatThrownBy(y::toFloats).isInstanceOf(IllegalStateException.class).hasMessageContaining("a plan, which is closed");
        Plan neverRun = Plan.compile(graph, input("y", 3).exp());
        neverRun.close();
        assertThatThrownBy(() -> neverRun.run(random(1, 3), random(1, 3))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closedInputsAndCapturedTensorsAreRefused() {
        Scope inner = Scope.open();
        Tensor gone = random(1, 3);
        Tensor y = input("x", 3).add(gone);
        try (Plan plan = Plan.compile(graph, y)) {
            plan.run(gone);
            inner.close();
            assertThatThrownBy(() -> plan.run(random(1, 3))).isInstanceOf(IllegalStateException.class).hasMessageContaining("a scope, which is closed");
        }
        Graph another = new Graph();
        try (Plan plan = Plan.compile(another, another.input("x", gone.spec()).exp())) {
            assertThatThrownBy(() -> plan.run(gone)).isInstanceOf(IllegalStateException.class).hasMessageContaining("a scope, which is closed");
            plan.run(random(1, 3));
        }
        try (Plan plan = Plan.compile(graph, y)) {
            assertThatThrownBy(() -> plan.run(random(1, 3))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aRefusedValueNamesTheOperationAndTheNextRunWorks() {
        Tensor x = input("x", 2, 3);
        Tensor labels = graph.input("labels", Spec.of(DType.I32, Shape.of(2)));
        try (Plan plan = Plan.compile(graph, x.exp().crossEntropy(labels))) {
            Tensor a = random(1, 2, 3);
            assertThatThrownBy(() -> plan.run(a, Tensor.of(new int[] {0, 3}, 2))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cross_entropy(f32[2, 3], i32[2])");
            Tensor good = Tensor.of(new int[] {0, 2}, 2);
            plan.run(a, good);
            Close.same("loss", plan.output(0), a.exp().crossEntropy(good));
        }
    }

    @Test
    void twoGraphsDoNotMix() {
        Tensor x = input("x", 3);
        Tensor y = new Graph().input("y", x.spec());
        assertThatThrownBy(() -> x.add(y)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("two different graphs");
    }

    @Test
    void symbolicTensorsHaveNoValues() {
        Tensor x = input("x", 1);
        assertThatThrownBy(x::item).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(x::toFloats).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(() -> x.set(1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(() -> x.fill(1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(x::copy).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(x::detach).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThatThrownBy(() -> Tensor.zeros(1).copyFrom(x)).isInstanceOf(IllegalStateException.class).hasMessageContaining("symbolic");
        assertThat(x).hasToString("f32[1] symbolic");
    }

    @Test
    void theArraysOfANodeCannotBeTamperedWith() {
        Tensor x = input("x", 1000);
        Tensor[] made = Ops.applyAll(new dev.sinew.op.Unary(dev.sinew.op.Unary.Kind.EXP, 0, 0), x);
        Tensor y = made[0];
        made[0] = input("z", 3);
        y.node().inputs()[0] = input("small", 1);
        y.node().outputs()[0] = input("small too", 1);
        try (Plan plan = Plan.compile(graph, y)) {
            assertThat(plan.operations()).containsExactly("exp(f32[1000])");
        }
    }

    @Test
    void aPlanServesOneThreadAtATime() throws InterruptedException {
        Tensor x = input("x", 150, 150);
        Tensor y = x;
        for (int i = 0; i < 10; i++) {
            y = y.matmul(x);
        }
        Tensor a = random(1, 150, 150).mul(0.05);
        try (Plan plan = Plan.compile(graph, y)) {
            plan.run(a);
            Tensor expected = plan.output(0).copy();
            AtomicInteger refused = new AtomicInteger();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            long deadline = System.nanoTime() + 30_000_000_000L;
            Thread[] threads = new Thread[3];
            for (int t = 0; t < threads.length; t++) {
                threads[t] = Thread.ofPlatform().start(() -> {
                    while (refused.get() < 10 && wrong.get() == null && System.nanoTime() < deadline) {
                        try {
                            plan.run(a);
                        } catch (IllegalStateException e) {
                            refused.incrementAndGet();
                        } catch (Throwable e) {
                            wrong.set(e);
                        }
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong.get()).isNull();
            assertThat(refused.get()).as("runs refused because another was under way").isPositive();
            Close.same("after all that", plan.output(0), expected);
        }
    }
}
