package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AdamStep;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.Ops;
import dev.sinew.op.SgdStep;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole training step, several times: one plan, and the same operations run one by one, end at the same weights. */
@ExtendWith(Scoped.class)
class TrainingStepTest {
    private static final int STEPS = 5;
    private static final long[][] SHAPES = {{8, 2, 3, 3}, {8}, {8}, {6, 8, 3, 3}, {6}, {54, 5}, {5}};

    /** Everything a step overwrites or is told. */
    private static final class State {
        final Tensor[] parameters;
        final Tensor[] first;
        final Tensor[] second;
        final Tensor mean;
        final Tensor variance;
        final Tensor rate = Tensor.full(DType.F64, Shape.scalar(), 0.05);
        final Tensor step = Tensor.full(DType.I64, Shape.scalar(), 0);

        State(DType dtype) {
            parameters = new Tensor[SHAPES.length];
            for (int i = 0; i < SHAPES.length; i++) {
                parameters[i] = copy(Tensor.normal(Shape.of(SHAPES[i]), 0, 0.3, i), dtype);
            }
            first = Arrays.stream(parameters).map(p -> Tensor.full(dtype, p.shape(), 0)).toArray(Tensor[]::new);
            second = Arrays.stream(parameters).map(p -> Tensor.full(dtype, p.shape(), 0)).toArray(Tensor[]::new);
            mean = Tensor.full(dtype, Shape.of(8), 0);
            variance = Tensor.full(dtype, Shape.of(8), 1);
        }

        Tensor loss(Tensor x, Tensor labels) {
            Tensor[] p = parameters;
            Tensor h = x.conv2d(p[0], null, Window2d.of(3).pad(1), 1);
            h = Ops.applyAll(new BatchNorm(1e-5, 0.1, Activation.IDENTITY), h, p[1], p[2], mean, variance)[0].relu();
            h = h.maxPool2d(Window2d.of(2).stride(2)).dropout(0.2, 77, step);
            h = h.conv2d(p[3], p[4], Window2d.of(3).pad(1), 1).tanh();
            return Ops.apply(new dev.sinew.op.Gemm(false, false), h.flatten(), p[5], p[6]).crossEntropy(labels);
        }

        void update(Tensor loss) {
            Gradients gradients = Gradients.of(loss, parameters);
            for (int i = 0; i < parameters.length; i++) {
                Tensor gradient = gradients.get(parameters[i]);
                if (i % 2 == 0) {
                    Ops.applyAll(new SgdStep(0.9, 0, 1e-3, true), parameters[i], gradient, rate, step, first[i]);
                } else {
                    Ops.applyAll(new AdamStep(0.9, 0.999, 1e-8, 1e-2, true), parameters[i], gradient, rate, step, first[i], second[i]);
                }
            }
        }
    }

    private static Tensor copy(Tensor x, DType dtype) {
        return x.dtype() == dtype ? x : x.cast(dtype);
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void aPlanTrainsLikeSingleOperations(DType dtype) {
        State eager = new State(dtype);
        State planned = new State(dtype);
        Tensor labels = Tensor.of(new int[] {0, 3, 1, 4, 2, 2, 0}, 7);
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(dtype, Shape.of(7, 2, 6, 6)));
        Tensor t = graph.input("labels", labels.spec());
        Tensor symbolicLoss = planned.loss(x, t);
        planned.update(symbolicLoss);
        double firstLoss = 0;
        double lastLoss = 0;
        try (Plan plan = Plan.compile(graph, symbolicLoss)) {
            assertThat(plan.operations()).noneMatch(op -> op.startsWith("relu") || op.startsWith("tanh("));
            for (int i = 1; i <= STEPS; i++) {
                Tensor batch = copy(Tensor.normal(Shape.of(7, 2, 6, 6), 0, 1, 100 + i % 2), dtype);
                eager.step.set(i);
                planned.step.set(i);
                try (Scope scope = Scope.open()) {
                    Tensor loss = eager.loss(batch, labels);
                    eager.update(loss);
                    plan.run(batch, labels);
                    Close.same("loss of step " + i, plan.output(0), loss);
                    firstLoss = i == 1 ? loss.item() : firstLoss;
                    lastLoss = loss.item();
                }
                for (int k = 0; k < SHAPES.length; k++) {
                    Close.same("parameter " + k + " after step " + i, planned.parameters[k], eager.parameters[k]);
                }
                Close.same("running mean", planned.mean, eager.mean);
                Close.same("running variance", planned.variance, eager.variance);
            }
        }
        assertThat(lastLoss).isLessThan(firstLoss);
    }
}
