package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Affine;
import dev.sinew.data.transform.ColorJitter;
import dev.sinew.data.transform.Crop;
import dev.sinew.data.transform.Cutout;
import dev.sinew.data.transform.Draw;
import dev.sinew.data.transform.Flip;
import dev.sinew.data.transform.ResizedCrop;
import dev.sinew.data.transform.Standardize;
import dev.sinew.data.transform.Transform;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TransformedTest {
    private static final Dataset IMAGES = Digits.load().train();

    @Test
    void nothingIsChangedUnlessAskedFor() {
        Dataset same = IMAGES.transformed(Seed.of(1), Affine.none());
        for (int i = 0; i < 20; i++) {
            assertThat(same.input(i)).containsExactly(IMAGES.input(i));
        }
        assertThat(same.size()).isEqualTo(IMAGES.size());
        assertThat(same.classNames()).isEqualTo(IMAGES.classNames());
    }

    @Test
    void seedEpochAndIndexAloneDecide() {
        Dataset one = IMAGES.transformed(Seed.of(1), Affine.none().rotate(10).zoom(0.1).shift(1));
        Dataset again = IMAGES.transformed(Seed.of(1), Affine.none().rotate(10).zoom(0.1).shift(1));
        assertThat(one.inEpoch(3).input(5)).containsExactly(again.inEpoch(7).inEpoch(3).input(5));
        assertThat(one.inEpoch(3).input(5)).isNotEqualTo(one.inEpoch(4).input(5));
        assertThat(one.input(5)).isNotEqualTo(IMAGES.transformed(Seed.of(2), Affine.none().rotate(10).zoom(0.1).shift(1)).input(5));
        assertThat(one.inEpoch(0).input(5)).containsExactly(one.input(5));
    }

    @Test
    void subsetsAndBatchesSeeTheEpoch() throws Exception {
        Dataset varied = IMAGES.transformed(Seed.of(1), Affine.none().shift(1));
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
        Dataset varied = IMAGES.transformed(Seed.of(1), Affine.none().mirrored());
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
            float[] now = one.transformed(Seed.of(3), Affine.none().shift(2)).inEpoch(epoch).input(0);
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
        float[] now = IMAGES.transformed(Seed.of(3), Affine.none().shift(1000).background(-0.5)).input(0);
        assertThat(now).containsOnly(-0.5f);
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        Affine images = Affine.none();
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> images.rotate(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("angle");
            assertThatThrownBy(() -> images.zoom(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("zoom");
            assertThatThrownBy(() -> images.shift(bad)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("shift");
        }
        assertThatThrownBy(() -> images.background(Double.NaN)).hasMessageContaining("background");
        Dataset rows = ArrayDataset.of(new float[4], Shape.of(4), new int[] {0}, 1);
        assertThatThrownBy(() -> rows.transformed(Seed.of(1), Affine.none())).hasMessageContaining("[channels, height, width]").hasMessageContaining("[4]");
    }

    @Test
    void oneAfterTheOther() {
        Dataset chain = IMAGES.transformed(Seed.of(4), Crop.random(6, 5).padded(1, -1), Cutout.of(3), new Standardize(List.of(1.0), List.of(2.0)));
        assertThat(chain.inputShape()).isEqualTo(Shape.of(1, 6, 5));
        Transform[] steps = {Crop.random(6, 5).padded(1, -1), Cutout.of(3), new Standardize(List.of(1.0), List.of(2.0))};
        Shape[] shapes = {Shape.of(1, 8, 8), Shape.of(1, 6, 5), Shape.of(1, 6, 5)};
        float[] values = IMAGES.input(9);
        for (int i = 0; i < 3; i++) {
            values = steps[i].apply(values, shapes[i], Draw.of(Seed.of(4).derive(2).derive(9), i));
        }
        assertThat(chain.inEpoch(2).input(9)).containsExactly(values);
        assertThat(chain).hasToString(IMAGES + ": crop 6x5 at random after padding by 1 with -1.0; cut a square of 3 out;"
                + " standardize by mean [1.0] and deviation [2.0]");
    }

    /** An image whose mask is itself: after any moves to whole pixels they are still the same. */
    @Test
    void masksMoveWithTheirImages() throws Exception {
        float[] values = new float[2 * 3 * 20 * 16];
        float[] masks = new float[2 * 20 * 16];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = i % 320;
            for (int c = 0; c < 3; c++) {
                values[i / 320 * 960 + c * 320 + i % 320] = masks[i];
            }
        }
        Dataset data = ArrayDataset.of(values, Shape.of(3, 20, 16), masks, Shape.of(20, 16));
        Dataset moved = data.transformed(Seed.of(1), Flip.horizontal(), Flip.vertical(), Crop.random(15, 12), new ColorJitter(0, 0, 0, 0))
                .withMasks();
        assertThat(moved.targetShape()).isEqualTo(Shape.of(15, 12));
        for (int epoch = 0; epoch < 20; epoch++) {
            float[] image = data.transformed(Seed.of(1), Flip.horizontal(), Flip.vertical(), Crop.random(15, 12)).inEpoch(epoch).input(1);
            FloatBuffer mask = FloatBuffer.allocate(15 * 12);
            moved.inEpoch(epoch).readTarget(1, mask);
            assertThat(mask.array()).containsExactly(Arrays.copyOf(image, 180));
        }
        // what moves to places between pixels takes the nearest: no new value comes in but 0
        Dataset turned = data.transformed(Seed.of(1), Affine.none().rotate(90).shear(20).zoom(0.3), ResizedCrop.to(10, 10)).withMasks();
        FloatBuffer mask = FloatBuffer.allocate(100);
        turned.readTarget(0, mask);
        for (float value : mask.array()) {
            assertThat(value).isEqualTo((int) value).isBetween(0f, 319f);
        }
        assertThatThrownBy(() -> IMAGES.transformed(Seed.of(1)).withMasks()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("are not masks of samples of shape [1, 8, 8]");
    }

    @Test
    void anIncompleteSampleIsNamed() {
        Dataset broken = new Dataset() {
            @Override
            public long size() {
                return 1;
            }

            @Override
            public Shape inputShape() {
                return Shape.of(1, 2, 2);
            }

            @Override
            public int classes() {
                return 1;
            }

            @Override
            public void read(long index, FloatBuffer input) {
                input.put(1);
            }
        };
        assertThatThrownBy(() -> broken.transformed(Seed.of(1), Cutout.of(1)).read(0, FloatBuffer.allocate(4)))
                .hasMessage("only 1 of 4 numbers of its input were put");
    }
}
