package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Seed;
import dev.sinew.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AugmentedTest {
    private static final Dataset IMAGES = Digits.load().train();

    @Test
    void nothingIsChangedUnlessAskedFor() {
        Augmented same = Augmented.of(IMAGES, Seed.of(1));
        for (int i = 0; i < 20; i++) {
            assertThat(same.input(i)).containsExactly(IMAGES.input(i));
        }
        assertThat(same.size()).isEqualTo(IMAGES.size());
        assertThat(same.classNames()).isEqualTo(IMAGES.classNames());
    }

    @Test
    void seedEpochAndIndexAloneDecide() {
        Dataset one = Augmented.of(IMAGES, Seed.of(1)).rotate(10).zoom(0.1).shift(1);
        Dataset again = Augmented.of(IMAGES, Seed.of(1)).rotate(10).zoom(0.1).shift(1);
        assertThat(one.inEpoch(3).input(5)).containsExactly(again.inEpoch(7).inEpoch(3).input(5));
        assertThat(one.inEpoch(3).input(5)).isNotEqualTo(one.inEpoch(4).input(5));
        assertThat(one.input(5)).isNotEqualTo(Augmented.of(IMAGES, Seed.of(2)).rotate(10).zoom(0.1).shift(1).input(5));
        assertThat(one.inEpoch(0).input(5)).containsExactly(one.input(5));
    }

    @Test
    void subsetsAndBatchesSeeTheEpoch() throws Exception {
        Dataset varied = Augmented.of(IMAGES, Seed.of(1)).shift(1);
        Dataset part = varied.subset(8, 5);
        assertThat(part.inEpoch(2).input(1)).containsExactly(varied.inEpoch(2).input(5));
        assertThat(IMAGES.slice(0, 10).inEpoch(4)).hasToString(IMAGES.slice(0, 10).toString());
        List<float[]> seen = new ArrayList<>();
        try (Batches batches = Batches.of(part, 2).epochs(3).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                seen.add(batch.input().toFloats());
            }
        }
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(Arrays.copyOfRange(seen.get(epoch), 64, 128)).containsExactly(varied.inEpoch(epoch).input(5));
        }
    }

    @Test
    void mirroring() {
        float[] image = IMAGES.input(2);
        float[] mirrored = new float[64];
        for (int i = 0; i < 64; i++) {
            mirrored[i] = image[i / 8 * 8 + 7 - i % 8];
        }
        Dataset varied = Augmented.of(IMAGES, Seed.of(1)).mirrored();
        int turned = 0;
        for (int epoch = 0; epoch < 100; epoch++) {
            float[] now = varied.inEpoch(epoch).input(2);
            turned += Arrays.equals(now, mirrored) ? 1 : 0;
            assertThat(Arrays.equals(now, mirrored) || Arrays.equals(now, image)).isTrue();
        }
        assertThat(turned).isBetween(30, 70);
    }

    @Test
    void aShiftedImageIsTheImageElsewhere() {
        // a bright point in the middle of 9 x 9: wherever it goes, the weights of its neighbours add up to it
        float[] point = new float[81];
        point[40] = 1;
        Dataset one = ArrayDataset.of(point, Shape.of(1, 9, 9), new int[] {0}, 1);
        for (int epoch = 0; epoch < 50; epoch++) {
            float[] now = Augmented.of(one, Seed.of(3)).shift(2).inEpoch(epoch).input(0);
            double sum = 0;
            double x = 0;
            for (int i = 0; i < 81; i++) {
                sum += now[i];
                x += now[i] * (i % 9 - 4);
            }
            assertThat(sum).isCloseTo(1, Offset.offset(1e-6));
            assertThat(x).isBetween(-2.0, 2.0);
        }
    }

    @Test
    void theBackgroundComesIn() {
        float[] now = Augmented.of(IMAGES, Seed.of(3)).shift(1000).background(-0.5).input(0);
        assertThat(now).containsOnly(-0.5f);
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        Augmented images = Augmented.of(IMAGES, Seed.of(1));
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> images.rotate(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("angle");
            assertThatThrownBy(() -> images.zoom(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("zoom");
            assertThatThrownBy(() -> images.shift(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("shift");
        }
        assertThatThrownBy(() -> images.background(Double.NaN)).hasMessageContaining("background");
        Dataset rows = ArrayDataset.of(new float[4], Shape.of(4), new int[] {0}, 1);
        assertThatThrownBy(() -> Augmented.of(rows, Seed.of(1))).hasMessageContaining("[channels, height, width]").hasMessageContaining("[4]");
    }
}
