package dev.sinew.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gradients of operations that were run at once, and of graphs: what they refuse. */
@ExtendWith(Scoped.class)
class TapeTest {
    private final Tensor x = Tensor.of(new double[] {1, 2, 3}, 3);

    @Test
    void aTensorUsedSeveralTimesCollectsItsGradients() {
        Tensor y = x.mul(x).add(x).sum();
        assertThat(Gradients.of(y, x).get(x).toDoubles()).containsExactly(3, 5, 7);
    }

    @Test
    void theSeedWeighsTheElements() {
        Tensor y = x.square();
        Tensor seed = Tensor.of(new double[] {1, 0, -1}, 3);
        assertThat(Gradients.of(y, seed, new Tensor[] {x}).get(x).toDoubles()).containsExactly(2, 0, -6);
        assertThatThrownBy(() -> Gradients.of(y, Tensor.of(new double[] {1, 0}, 2), new Tensor[] {x}))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("f64[2]").hasMessageContaining("f64[3]");
        assertThatThrownBy(() -> Gradients.of(y, seed.cast(DType.F32), new Tensor[] {x})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLossMustBeOneFloatingPointElement() {
        assertThatThrownBy(() -> Gradients.of(x.square(), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("f64[3]");
        assertThatThrownBy(() -> Gradients.of(x.argmax(0), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("i32[]");
        assertThatThrownBy(() -> Gradients.of(null, x)).isInstanceOf(NullPointerException.class).hasMessageContaining("loss");
        assertThatThrownBy(() -> Gradients.of(x.sum(), (Tensor) null)).isInstanceOf(NullPointerException.class).hasMessageContaining("differentiate");
    }

    @Test
    void aTensorOnWhichTheLossDoesNotDependIsNamed() {
        Tensor other = Tensor.of(new double[] {1, 2}, 2);
        Tensor loss = x.sum();
        assertThatThrownBy(() -> Gradients.of(loss, x, other)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("f64[2]");
        assertThatThrownBy(() -> Gradients.of(loss, x).get(other)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not asked for");
        assertThatThrownBy(() -> Gradients.of(x.detach().sum(), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not depend");
        assertThatThrownBy(() -> Gradients.of(x.copy().sum(), x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not depend");
        assertThatThrownBy(() -> Gradients.of(x.greater(x, Broadcast.NO).sum(), x)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Gradients.of(loss, loss).get(loss).item()).isEqualTo(1);
    }

    @Test
    void aValueThatWasOverwrittenIsNoticed() {
        Tensor input = x.copy();
        Tensor y = input.log();
        input.fill(7);
        assertThatThrownBy(() -> Gradients.of(y.sum(), input)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("log").hasMessageContaining("input 0").hasMessageContaining("overwritten");
        Tensor z = x.exp();
        z.copyFrom(x);
        assertThatThrownBy(() -> Gradients.of(z.sum(), x)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("exp").hasMessageContaining("output 0");
        Tensor viewed = x.copy();
        Tensor w = viewed.log();
        viewed.reshape(3, 1).fill(1);
        assertThatThrownBy(() -> Gradients.of(w.sum(), viewed)).isInstanceOf(IllegalStateException.class).hasMessageContaining("overwritten");
    }

    @Test
    void aValueThatIsNotNeededMayBeOverwritten() {
        Tensor input = x.copy();
        Tensor y = input.add(input).sum();
        input.fill(7);
        assertThat(Gradients.of(y, input).get(input).toDoubles()).containsExactly(2, 2, 2);
    }

    @Test
    void nothingIsRememberedWithoutAScope() {
        Tensor y = Scope.outside(() -> x.square().sum());
        assertThat(y.node()).isNull();
        assertThatThrownBy(() -> Gradients.of(y, x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("while a Scope is open");
    }

    @Test
    void aClosedScopeTakesItsValuesWithIt() {
        Tensor loss;
        try (Scope inner = Scope.open()) {
            loss = x.exp().log().sum();
        }
        Tensor closed = loss;
        assertThatThrownBy(() -> Gradients.of(closed, x)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    @Test
    void gradientsDoNotFlowOutOfAScopeThroughKeep() {
        Tensor kept;
        try (Scope inner = Scope.open()) {
            kept = inner.keep(x.square());
        }
        assertThat(kept.toDoubles()).containsExactly(1, 4, 9);
        Tensor loss = kept.sum();
        assertThatThrownBy(() -> Gradients.of(loss, x)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void probabilitiesOfCrossEntropyHaveTheGradientOfSoftmax() {
        Tensor logits = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
        Tensor labels = Tensor.of(new int[] {0, 1}, 2);
        Tensor[] both = Ops.applyAll(new CrossEntropy(Reduction.MEAN), logits, labels);
        Tensor factor = Tensor.of(new double[] {0.5, -1, 2, 3}, 2, 2);
        double[] apart = Gradients.of(Ops.applyAll(new CrossEntropy(Reduction.MEAN), logits, labels)[0]
                .add(logits.softmax().mul(factor).sum()), logits).get(logits).toDoubles();
        assertThat(Gradients.of(both[0].add(both[1].mul(factor).sum()), logits).get(logits).toDoubles()).containsExactly(apart, within(1e-15));
    }

    @Test
    void symbolicAndEagerHistoriesAreApart() {
        Graph graph = new Graph();
        Tensor s = graph.input("s", Spec.of(DType.F64, Shape.of(3)));
        Tensor captured = x.square();
        Tensor loss = s.mul(captured).sum();
        assertThatThrownBy(() -> Gradients.of(loss, x)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("does not depend");
        try (Plan plan = Plan.compile(graph, Gradients.of(loss, captured).get(captured))) {
            plan.run(x);
            assertThat(plan.output(0).toDoubles()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void aLongChainNeedsNoDeepStack() {
        Tensor y = x;
        for (int i = 0; i < 20_000; i++) {
            y = y.add(0.0);
        }
        assertThat(Gradients.of(y.sum(), x).get(x).toDoubles()).containsExactly(1, 1, 1);
    }
}
