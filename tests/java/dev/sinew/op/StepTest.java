package dev.sinew.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Optimiser steps against the formulas, random numbers, running statistics: everything with a state. */
@ExtendWith(Scoped.class)
class StepTest {
    private final double[] start = {1, -2, 0.5, 3, -0.1};

    private static Tensor cell(DType dtype, double value) {
        return Tensor.full(dtype, Shape.scalar(), value);
    }

    private static double[] gradient(int step, double[] p) {
        double[] g = new double[p.length];
        for (int i = 0; i < g.length; i++) {
            g[i] = Math.sin(step * 7 + i) + 0.1 * p[i];
        }
        return g;
    }

    @Test
    void sgd() {
        for (SgdStep op : List.of(new SgdStep(0, 0, 0, false), new SgdStep(0, 0, 0.1, false), new SgdStep(0.9, 0, 0, false), new SgdStep(0.9, 0.3, 0.01, false),
                new SgdStep(0.5, 0, 0.01, true))) {
            double[] p = start.clone();
            double[] v = new double[p.length];
            Tensor param = Tensor.of(p, 5);
            Tensor velocity = Tensor.of(v, 5);
            Tensor rate = cell(DType.F64, 0.1);
            Tensor step = cell(DType.I64, 0);
            for (int t = 1; t <= 5; t++) {
                double[] g = gradient(t, p);
                double lr = 0.1 / t;
                rate.set(lr);
                step.set(t);
                Tensor grad = Tensor.of(g, 5);
                assertThat(Ops.applyAll(op, Ops.present(param, grad, rate, step, op.momentum() == 0 ? null : velocity))).isEmpty();
                for (int i = 0; i < p.length; i++) {
                    double d = g[i] + op.weightDecay() * p[i];
                    if (op.momentum() != 0) {
                        v[i] = t == 1 ? d : op.momentum() * v[i] + (1 - op.dampening()) * d;
                        d = op.nesterov() ? d + op.momentum() * v[i] : v[i];
                    }
                    p[i] -= lr * d;
                }
                Close.within(op + " step " + t, param, Tensor.of(p, 5), 1e-14, 1e-15);
                Close.same("the gradient", grad, Tensor.of(g, 5));
            }
        }
    }

    @Test
    void adam() {
        for (AdamStep op : List.of(new AdamStep(0.9, 0.999, 1e-8, 0, false), new AdamStep(0.5, 0.9, 1e-3, 0.1, false), new AdamStep(0.9, 0.99, 1e-8, 0.1, true),
                new AdamStep(0, 0, 1, 0, true))) {
            double[] p = start.clone();
            double[] m = new double[p.length];
            double[] v = new double[p.length];
            Tensor param = Tensor.of(p, 5);
            Tensor[] states = {Tensor.of(m, 5), Tensor.of(v, 5)};
            for (int t = 1; t <= 5; t++) {
                double[] g = gradient(t, p);
                Ops.applyAll(op, param, Tensor.of(g, 5), cell(DType.F64, 0.05), cell(DType.I64, t), states[0], states[1]);
                for (int i = 0; i < p.length; i++) {
                    double d = op.decoupled() ? g[i] : g[i] + op.weightDecay() * p[i];
                    p[i] -= op.decoupled() ? 0.05 * op.weightDecay() * p[i] : 0;
                    m[i] = op.beta1() * m[i] + (1 - op.beta1()) * d;
                    v[i] = op.beta2() * v[i] + (1 - op.beta2()) * d * d;
                    p[i] -= 0.05 * m[i] / (1 - Math.pow(op.beta1(), t)) / (Math.sqrt(v[i] / (1 - Math.pow(op.beta2(), t))) + op.eps());
                }
                Close.within(op + " step " + t, param, Tensor.of(p, 5), 1e-13, 1e-14);
            }
        }
    }

    @Test
    void aParameterInAnyLayoutIsSteppedWhereItIs() {
        Spec spec = new Spec(DType.F32, Shape.of(2, 3, 2, 2), Layout.CHANNELS_LAST);
        Tensor param = Tensor.empty(spec).copyFrom(Tensor.uniform(spec.shape(), -1, 1, 1));
        Tensor grad = Tensor.uniform(spec.shape(), -1, 1, 2);
        Tensor expected = param.sub(grad.mul(0.5));
        Ops.applyAll(new SgdStep(0, 0, 0, false), param, grad, cell(DType.F64, 0.5), cell(DType.I64, 1));
        Close.within("param", param, expected, 1e-6, 1e-7);
        Tensor state = Tensor.zeros(2, 3, 2, 2);
        assertThatThrownBy(() -> Ops.applyAll(new SgdStep(0.9, 0, 0, false), param, grad, cell(DType.F64, 0.5), cell(DType.I64, 1), state))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ROW_MAJOR").hasMessageContaining("CHANNELS_LAST");
    }

    @Test
    void cellsThatMakeNoSenseAreRefused() {
        Tensor p = Tensor.zeros(3);
        for (double rate : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Ops.applyAll(new SgdStep(0, 0, 0, false), p, p.copy(), cell(DType.F64, rate), cell(DType.I64, 1)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("sgd(");
        }
        assertThatThrownBy(() -> Ops.applyAll(new AdamStep(0.9, 0.9, 1e-8, 0, false), p, p.copy(), cell(DType.F64, 0.1), cell(DType.I64, 0), p.copy(), p.copy()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("adam(");
    }

    @Test
    void batchNormKeepsTheRunningStatistics() {
        Tensor x = Tensor.of(new double[] {1, 10, 2, 20, 6, 60}, 3, 2);
        Tensor[] running = {Tensor.of(new double[] {1, 0}, 2), Tensor.of(new double[] {1, 2}, 2)};
        Tensor gamma = Tensor.of(new double[] {2, 1}, 2);
        Tensor beta = Tensor.of(new double[] {0, 5}, 2);
        Tensor[] out = Ops.applyAll(new BatchNorm(0.5, 0.25, Activation.IDENTITY), x, gamma, beta, running[0], running[1]);
        // means 3 and 30, squared deviations 14 and 1400
        Close.within("mean", out[1], Tensor.of(new double[] {3, 30}, 2), 1e-15, 0);
        Close.within("invstd", out[2], Tensor.of(new double[] {1 / Math.sqrt(14 / 3.0 + 0.5), 1 / Math.sqrt(1400 / 3.0 + 0.5)}, 2), 1e-15, 0);
        Close.within("running mean", running[0], Tensor.of(new double[] {1.5, 7.5}, 2), 1e-15, 0);
        Close.within("running variance", running[1], Tensor.of(new double[] {0.75 + 0.25 * 7, 1.5 + 0.25 * 700}, 2), 1e-15, 0);
        assertThat(out[0].get(2, 1)).isCloseTo(30 / Math.sqrt(1400 / 3.0 + 0.5) + 5, org.assertj.core.data.Offset.offset(1e-12));
        Tensor y = Ops.apply(new BatchNormInfer(0.5, Activation.IDENTITY), x, gamma, beta, running[0], running[1]);
        assertThat(y.get(0, 0)).isCloseTo(2 * (1 - 1.5) / Math.sqrt(2.5 + 0.5), org.assertj.core.data.Offset.offset(1e-12));
    }

    @Test
    void dropout() {
        Tensor ones = Tensor.full(DType.F32, Shape.of(100_000), 1);
        Tensor step = cell(DType.I64, 9);
        for (double p : new double[] {0.1, 0.5, 0.9}) {
            float[] y = ones.dropout(p, 5, step).toFloats();
            int dropped = 0;
            for (float v : y) {
                assertThat(v == 0 || v == (float) (1 / (1 - p))).isTrue();
                dropped += v == 0 ? 1 : 0;
            }
            assertThat(dropped / 1e5).isCloseTo(p, org.assertj.core.data.Offset.offset(0.005)); // 5 standard deviations at most
        }
        Close.same("p = 0", ones.dropout(0, 1, step), ones);
        Close.same("p = 1", ones.dropout(1, 1, step), Tensor.zeros(100_000));
        Tensor again = ones.dropout(0.5, 5, step);
        Close.same("same seed and step", ones.dropout(0.5, 5, cell(DType.I64, 9)), again);
        assertThat(ones.dropout(0.5, 5, cell(DType.I64, 10)).toFloats()).isNotEqualTo(again.toFloats());
        assertThat(ones.dropout(0.5, 6, step).toFloats()).isNotEqualTo(again.toFloats());
    }

    @Test
    void theGradientOfDropoutDropsTheSameElementsInEitherLayout() {
        Tensor x = Convert.to(Layout.CHANNELS_LAST, Tensor.full(DType.F32, Shape.of(2, 3, 4, 5), 1));
        Tensor step = cell(DType.I64, 1);
        Tensor y = x.dropout(0.5, 3, step);
        Tensor weights = Tensor.uniform(x.shape(), 1, 2, 8); // row-major, and so is the gradient that comes back
        Tensor dx = dev.sinew.graph.Gradients.of(y.mul(weights).sum(), x).get(x);
        Close.same("dx", dx, y.mul(weights));
    }

    @Test
    void randomNumbers() {
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            double[] u = Ops.apply(new RandomFill(RandomFill.Kind.UNIFORM, -1, 3, 4, Spec.of(dtype, Shape.of(50_000))), cell(DType.I64, 2)).toDoubles();
            assertThat(java.util.Arrays.stream(u).allMatch(v -> v >= -1 && v < 3)).isTrue();
            assertThat(java.util.Arrays.stream(u).average().orElseThrow()).isCloseTo(1, org.assertj.core.data.Offset.offset(0.026)); // 5 sigma
            double[] n = Ops.apply(new RandomFill(RandomFill.Kind.NORMAL, 5, 2, 4, Spec.of(dtype, Shape.of(50_000))), cell(DType.I64, 2)).toDoubles();
            assertThat(java.util.Arrays.stream(n).average().orElseThrow()).isCloseTo(5, org.assertj.core.data.Offset.offset(0.045));
            assertThat(java.util.Arrays.stream(n).map(v -> (v - 5) * (v - 5)).average().orElseThrow()).isCloseTo(4, org.assertj.core.data.Offset.offset(0.13));
        }
        Close.same("same seed", Tensor.normal(Shape.of(9), 0, 1, 3), Tensor.normal(Shape.of(9), 0, 1, 3));
        assertThat(Tensor.normal(Shape.of(9), 0, 1, 3).toFloats()).isNotEqualTo(Tensor.normal(Shape.of(9), 0, 1, 0).toFloats());
        Close.same("no width", Tensor.uniform(Shape.of(3), 2, 2, 1), Tensor.full(DType.F32, Shape.of(3), 2));
    }
}
