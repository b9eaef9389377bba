package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Broadcast;
import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.Recurrence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recurrent nets, attention and choosing by index: what does not need reference data. */
@ExtendWith(Scoped.class)
class SequencesTest {
    private static Map<String, Tensor> parameters(Recurrent net, long inputs, long hidden) {
        Map<String, Tensor> parameters = new HashMap<>();
        net.parameters(inputs, hidden).forEach((name, shape) -> parameters.put(name, Tensor.uniform(shape, -0.5, 0.5, name.hashCode())));
        return parameters;
    }

    /** In pieces, each beginning with the state of the one before, a sequence gives what it gives as a whole. */
    @Test
    void chunksGoOnWhereTheOneBeforeEnded() {
        for (Recurrent net : List.of(Recurrent.lstm().layers(2), Recurrent.gru().batchesFirst(), Recurrent.rnn())) {
            Map<String, Tensor> parameters = parameters(net, 3, 5);
            Tensor x = Tensor.normal(net.batchFirst() ? Shape.of(2, 11, 3) : Shape.of(11, 2, 3), 0, 1, 1);
            Recurrent.Result whole = net.apply(parameters::get, x);
            Recurrent.State state = null;
            int dim = net.batchFirst() ? 1 : 0;
            long from = 0;
            for (Tensor chunk : net.chunks(x, 4)) {
                Recurrent.Result r = net.apply(parameters::get, chunk, state, null, null);
                long length = chunk.shape().dim(dim);
                Close.within("steps from " + from, r.y(), whole.y().slice(dim, from, length), 1e-5, 1e-6);
                from += length;
                state = r.state().detach();
            }
            Close.within("the last state", state.h(), whole.state().h(), 1e-5, 1e-6);
        }
    }

    /** A detached state is where gradients end. */
    @Test
    void aDetachedStateHasNoHistory() {
        Recurrent net = Recurrent.lstm();
        Map<String, Tensor> parameters = parameters(net, 2, 3);
        Tensor x = Tensor.normal(Shape.of(4, 1, 2), 0, 1, 1);
        Recurrent.State state = net.apply(parameters::get, x).state().detach();
        Tensor loss = net.apply(parameters::get, Tensor.normal(Shape.of(4, 1, 2), 0, 1, 2), state, null, null).y().square().sum();
        assertThat(Gradients.of(loss, parameters.get("weight_hh_l0")).get(parameters.get("weight_hh_l0")).abs().sum().item()).isPositive();
        assertThatThrownBy(() -> Gradients.of(loss, x)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not depend");
    }

    /** Two hundred steps are a handful of operations, whose memory the gates and the outputs make up. */
    @Test
    void longSequencesAreFewOperations() {
        long steps = 200;
        long batch = 4;
        long hidden = 16;
        Recurrent net = Recurrent.lstm();
        Map<String, Tensor> parameters = parameters(net, 8, hidden);
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(DType.F32, Shape.of(steps, batch, 8)));
        Tensor loss = net.apply(parameters::get, x).y().square().mean();
        Tensor[] by = parameters.values().toArray(Tensor[]::new);
        Gradients gradients = Gradients.of(loss, by);
        Tensor[] outputs = java.util.Arrays.stream(by).map(gradients::get).toArray(Tensor[]::new);
        try (Plan plan = Plan.compile(graph, outputs)) {
            assertThat(plan.operations()).hasSizeLessThan(15);
            // gates once (their gradient takes their place), y and c, the gradient of y, the repacked operands of two products
            assertThat(plan.workspaceBytes()).isLessThan(4 * steps * batch * hidden * (4 + 1 + 1 + 2 + 4));
            plan.run(Tensor.normal(Shape.of(steps, batch, 8), 0, 1, 1));
            assertThat(plan.output(0).toDoubles()).doesNotContain(Double.NaN);
        }
    }

    @Test
    void dropoutActsBetweenLayersInTrainingOnly() {
        Recurrent net = Recurrent.gru().layers(2);
        Map<String, Tensor> parameters = parameters(net, 3, 4);
        Tensor x = Tensor.normal(Shape.of(3, 2, 3), 0, 1, 1);
        Recurrent dropping = net.dropout(0.5, 9);
        Tensor step = Tensor.of(new long[] {1});
        step = step.reshape();
        Tensor plain = net.apply(parameters::get, x).y();
        assertThat(dropping.apply(parameters::get, x).y().toFloats()).isEqualTo(plain.toFloats());
        assertThat(dropping.apply(parameters::get, x, null, null, step).y().toFloats()).isNotEqualTo(plain.toFloats());
    }

    @Test
    void badArgumentsOfNetsAreRefused() {
        Recurrent net = Recurrent.lstm();
        Map<String, Tensor> parameters = parameters(net, 3, 4);
        Tensor x = Tensor.zeros(5, 2, 3);
        refused(() -> Recurrent.lstm().layers(0), "layers must be at least 1, not 0");
        refused(() -> Recurrent.lstm().dropout(2, 0), "dropout must be from 0 to 1, not 2.0");
        refused(() -> net.apply(parameters::get, Tensor.zeros(5, 3)), "x must have shape [T, N, I], not [5, 3]");
        refused(() -> net.layers(2).apply(parameters::get, x), "the parameter weight_ih_l1 is missing");
        refused(() -> net.apply(parameters::get, Tensor.zeros(5, 2, 4)), "inner sizes 4 and 3 differ");
        refused(() -> net.apply(parameters::get, x, new Recurrent.State(Tensor.zeros(1, 2, 4), null), null, null), "LSTM needs h and c");
        refused(() -> net.apply(parameters::get, x, new Recurrent.State(Tensor.zeros(2, 2, 4), Tensor.zeros(1, 2, 4)), null, null),
                "[1, 2, H], not [2, 2, 4]");
        refused(() -> Recurrent.of(Recurrence.Kind.GRU).apply(parameters::get, x, new Recurrent.State(Tensor.zeros(1, 2, 4),
                Tensor.zeros(1, 2, 4)), null, null),
                "GRU has no c");
        refused(() -> net.apply(parameters::get, x, null, Tensor.of(new int[] {6, 1}, 2), null), "lstm(", "out of range");
        refused(() -> net.chunks(x, 0), "chunks of 0 steps");
    }

    @Test
    void masksHideKeys() {
        Tensor q = Tensor.normal(Shape.of(2, 3, 4, 5), 0, 1, 1);
        Tensor mask = Attention.causal(4, 4, DType.F32).add(Attention.padding(Tensor.of(new int[] {2, 4}, 2), 4, DType.F32), Broadcast.YES);
        Tensor weights = Attention.scaledDotProduct(q, q, q, mask).weights();
        for (int n = 0; n < 2; n++) {
            for (int i = 0; i < 4; i++) {
                double sum = 0;
                for (int k = 0; k < 4; k++) {
                    boolean visible = k <= i && k < (n == 0 ? 2 : 4);
                    double w = weights.get(n, 1, i, k);
                    assertThat(w > 0).as("query %d, key %d", i, k).isEqualTo(visible);
                    sum += w;
                }
                assertThat(sum).isCloseTo(1, within(1e-6));
            }
        }
    }

    @Test
    void positionsAreSinesAndCosines() {
        Tensor p = Attention.positions(7, 6, DType.F64);
        assertThat(p.get(0, 0)).isZero();
        assertThat(p.get(0, 1)).isEqualTo(1);
        assertThat(p.get(5, 2)).isCloseTo(Math.sin(5 / Math.pow(10000, 2.0 / 6)), within(1e-15));
        assertThat(p.get(5, 3)).isCloseTo(Math.cos(5 / Math.pow(10000, 2.0 / 6)), within(1e-15));
        assertThat(p.get(6, 5)).isCloseTo(Math.cos(6 / Math.pow(10000, 4.0 / 6)), within(1e-15));
    }

    /** The gradient of a row is added up in the order of its uses; that of the padding stays 0. */
    @Test
    void theRowOfThePaddingIsNotLearned() {
        Tensor weight = Tensor.normal(Shape.of(4, 3), 0, 1, 1);
        Tensor ids = Tensor.of(new int[] {2, 0, 2, 1, 0, 0}, 2, 3);
        Tensor y = Indexing.embedding(weight, ids, 0);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 3));
        assertThat(y.get(0, 1, 2)).isEqualTo(weight.get(0, 2));
        Tensor g = Gradients.of(y.sum(), weight).get(weight);
        assertThat(g.toFloats()).containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0);
    }

    @Test
    void oneHotHasOneOne() {
        Tensor y = Indexing.oneHot(Tensor.of(new int[] {1, 0, 2, 2}, 2, 2), 3, DType.F32);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 3));
        assertThat(y.toFloats()).containsExactly(0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1);
        refused(() -> Indexing.oneHot(Tensor.of(new int[] {3}, 1), 3, DType.F32), "scatter_add(", "out of range");
        refused(() -> Indexing.oneHot(Tensor.zeros(2), 3, DType.F32), "one_hot", "int32 labels");
    }

    @Test
    void badArgumentsOfAttentionAreRefused() {
        Tensor x = Tensor.zeros(2, 3, 4);
        refused(() -> Attention.scaledDotProduct(Tensor.zeros(3), x, x, null), "attention", "[..., L, D]");
        refused(() -> Attention.scaledDotProduct(x, x, x, Tensor.zeros(5, 2, 3, 3)),
                "mask f32[5, 2, 3, 3] does not broadcast to the scores f32[2, 3, 3]");
        refused(() -> Attention.padding(Tensor.zeros(2), 3, DType.F32), "int32 [N]");
        refused(() -> Attention.causal(2, 2, DType.I32), "F32 or F64");
        refused(() -> MultiHead.of(6, 4), "4 heads must divide the width 6");
        refused(() -> MultiHead.of(4, 2).apply(name -> null, x, x, x, null, null), "in_proj_bias is missing");
        refused(() -> MultiHead.of(4, 2).apply(name -> null, x, Tensor.zeros(1, 3, 4), x, null, null), "[N, L, E]");
        refused(() -> Attention.bahdanau(x, x, x, x, x, null), "[N, Q]");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }
}
