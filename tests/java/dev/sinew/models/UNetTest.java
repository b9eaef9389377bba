package dev.sinew.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Network;
import org.junit.jupiter.api.Test;

class UNetTest {
    @Test
    void theOutputHasTheSizeOfTheInput() {
        assertThat(UNet.of(3).width(4).depth(2).on(1, 16, 24).architecture().output()).isEqualTo(Shape.of(3, 16, 24));
        assertThat(UNet.of(2).width(2).depth(1).on(1, 4, 8, 8).architecture().output()).isEqualTo(Shape.of(2, 4, 8, 8));
        assertThat(UNet.of(1).width(2).depth(3).on(2, 32).architecture().output()).isEqualTo(Shape.of(1, 32));
    }

    @Test
    void parametersOfThePapersNet() {
        assertThat(UNet.of(2).on(1, 64, 64).architecture().parameterCount()).isEqualTo(31_030_658);
    }

    @Test
    void parametersOfASmallOneByHand() {
        // down 1->2->2, bottom 2->4->4, grow 4->2, up 4->2->2, head 2->1
        long biased = (9 * 2 + 2) + (9 * 4 + 2) + (9 * 8 + 4) + (9 * 16 + 4) + (4 * 8 + 2) + (9 * 8 + 2) + (9 * 4 + 2) + (2 + 1);
        assertThat(UNet.of(1).width(2).depth(1).on(1, 8, 8).architecture().parameterCount()).isEqualTo(biased);
        long withoutSkip = biased - 9 * 4;
        assertThat(UNet.of(1).width(2).depth(1).withoutSkips().on(1, 8, 8).architecture().parameterCount()).isEqualTo(withoutSkip);
    }

    @Test
    void skipsLetTheOutputDependOnSinglePixels() {
        try (var _ = Scope.open(); Network net = UNet.of(1).width(4).depth(2).batchNorm().on(1, 8, 8).build(Seed.of(3))) {
            float[] image = new float[64];
            float[] before = net.predict(Tensor.of(image, 1, 1, 8, 8)).toFloats();
            image[27] = 1;
            assertThat(net.predict(Tensor.of(image, 1, 1, 8, 8)).toFloats()).isNotEqualTo(before);
        }
    }

    @Test
    void sizesThatCannotBeHalvedAreNamed() {
        assertThatThrownBy(() -> UNet.of(1).depth(3).on(1, 16, 20)).hasMessageContaining("multiples of 8, not 20");
        assertThatThrownBy(() -> UNet.of(0)).hasMessageContaining("at least 1 output");
    }
}
