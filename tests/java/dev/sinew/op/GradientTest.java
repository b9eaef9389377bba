package dev.sinew.op;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Tensor;
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
        GradientCheck.check(c.body(), c.inputs(DType.F64), c.differentiable());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void gradientOfChannelsLastInputs(OpCase c) {
        GradientCheck.check(in -> c.body().apply(OpCase.channelsLast(in)), c.inputs(DType.F64), c.differentiable());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twice")
    void gradientOfTheGradient(OpCase c) {
        GradientCheck.checkTwice(c.body(), c.inputs(DType.F64), c.differentiable());
    }

    /** The checker itself must notice a wrong rule. */
    @Test
    void aWrongGradientIsFound() {
        Tensor[] in = {Tensor.of(new double[] {1, 2, 3}, 3)};
        assertThatThrownBy(() -> GradientCheck.check(x -> new Tensor[] {x[0].detach().mul(2e-3).add(x[0])}, in, new boolean[] {true}))
                .isInstanceOf(AssertionError.class).hasMessageContaining("wrong gradient of input 0 f64[3], element [");
    }

    @Test
    void aMissingRuleSaysSo() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
            assertThatThrownBy(() -> GradientCheck.checkTwice(in -> new Tensor[] {in[0].maxPool2d(Window2d.of(2)).square()}, new Tensor[] {x}, new boolean[] {true}))
                    .isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("maxpool2d_gradient");
        }
    }
}
