package dev.sinew.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Tensor;
import dev.sinew.diagnosis.GradientCheck;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every gradient rule against central differences. */
@ExtendWith(Scoped.class)
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "float64 runs the generic kernels always")
class GradientTest {
    static Stream<OpCase> all() {
        return OpCases.all();
    }

    static Stream<OpCase> images() {
        return OpCases.all().filter(OpCase::hasImages);
    }

    static Stream<OpCase> twice() {
        return OpCases.all().filter(OpCase::isTwice);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void gradient(OpCase c) {
        check(c.body(), c);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void gradientOfChannelsLastInputs(OpCase c) {
        check(in -> c.body().apply(OpCase.channelsLast(in)), c);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twice")
    void gradientOfTheGradient(OpCase c) {
        check(OpCase.gradient(c.body(), c.differentiable()), c);
    }

    /** Of the operations whose gradients are operations of their own: each rule is made of others that have rules. */
    static Stream<OpCase> thrice() {
        return Stream.of(OpCase.of(new CrossEntropy(Reduction.MEAN, 0.1, -100)).normal(3, 4).labels(4, 3),
                OpCase.of(new Bce(Reduction.SUM, false, true)).normal(2, 3).unit(2, 3).positive(3).fixed(),
                OpCase.of(new Hinge(Reduction.NONE, 2, 1, false)).normal(3, 4).labels(4, 3),
                OpCase.of(new GroupNorm(2, 0.1, false)).normal(2, 4).normal(4).normal(4),
                OpCase.of(new GroupNorm(1, 0.1, true)).normal(2, 3),
                OpCase.first(new BatchNorm(0.1, 0.1, Activation.IDENTITY)).normal(4, 2).normal(2).normal(2).normal(2).fixed().positive(2).fixed());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("thrice")
    void thirdDerivative(OpCase c) {
        check(OpCase.gradient(OpCase.gradient(c.body(), c.differentiable()), c.differentiable()), c);
    }

    private static void check(OpCase.Body body, OpCase c) {
        GradientCheck check = GradientCheck.ofAll(body::apply, c.inputs(DType.F64));
        for (int i = 0; i < c.differentiable().length; i++) {
            check = c.differentiable()[i] ? check : check.fixed(i);
        }
        GradientCheck.Report report = check.report();
        assertThat(report.isRight()).as(report.toString()).isTrue();
        // none of the cases may be at a place without derivative, where nothing is compared
        assertThat(report.kinks()).isEmpty();
    }

    @Test
    void aMissingRuleSaysSo() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
        Op fused = new Conv2d(Window2d.of(1), 1, new Activation(Activation.Kind.RELU, 0));
        Tensor weight = Tensor.of(new double[] {2}, 1, 1, 1, 1);
        assertThatThrownBy(() -> GradientCheck.ofAll(in -> new Tensor[] {Ops.apply(fused, in[0], weight)}, x).check())
                .isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("conv2d");
    }
}
