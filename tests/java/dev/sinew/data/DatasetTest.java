package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
    /** The example of the documentation. */
    record Parity(int bits) implements Dataset {
        @Override
        public long size() {
            return 1L << bits;
        }

        @Override
        public Shape inputShape() {
            return Shape.of(bits);
        }

        @Override
        public int classes() {
            return 2;
        }

        @Override
        public void read(long index, FloatBuffer input) {
            for (int bit = 0; bit < bits; bit++) {
                input.put(index >> bit & 1);
            }
        }

        @Override
        public int label(long index) {
            return Long.bitCount(index) % 2;
        }
    }

    private static long number(Dataset parity, long index) {
        float[] bits = parity.input(index);
        long number = 0;
        for (int i = 0; i < bits.length; i++) {
            number |= (long) bits[i] << i;
        }
        return number;
    }

    private static long[] numbers(Dataset parity) {
        return LongStream.range(0, parity.size()).map(i -> number(parity, i)).toArray();
    }

    @Test
    void aDataSetOfOnesOwn() throws IOException {
        Parity parity = new Parity(4);
        assertThat(parity.input(5)).containsExactly(1, 0, 1, 0);
        assertThat(parity.label(7)).isEqualTo(1);
        assertThat(parity.classNames()).isEmpty();
        assertThat(parity.className(1)).isEqualTo("1");
        assertThat(parity.targetShape()).isEqualTo(Shape.scalar());
    }

    @Test
    void slicesAndHeads() throws IOException {
        Dataset parity = new Parity(4);
        assertThat(numbers(parity.slice(3, 6))).containsExactly(3, 4, 5);
        assertThat(parity.slice(3, 6).label(1)).isEqualTo(1);
        assertThat(numbers(parity.slice(3, 6).slice(1, 3))).containsExactly(4, 5);
        assertThat(numbers(parity.head(2))).containsExactly(0, 1);
        assertThat(parity.head(100).size()).isEqualTo(16);
        assertThatThrownBy(() -> parity.slice(3, 6).input(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> parity.slice(3, 6).input(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @CsvSource({"-1, 3", "3, 3", "5, 4", "0, 17", "16, 17", "-9223372036854775808, 9223372036854775807"})
    void badSlices(long from, long to) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Parity(4).slice(from, to))
                .withMessage("slice: samples %d up to %d are not a part of 16 samples; needs 0 <= from < to <= size", from, to);
    }

    @Test
    void subsets() {
        Dataset parity = new Parity(4);
        long[] indices = {9, 2, 9};
        Dataset subset = parity.subset(indices);
        indices[0] = 1;
        assertThat(numbers(subset)).containsExactly(9, 2, 9);
        assertThat(numbers(subset.subset(2, 1))).containsExactly(9, 2);
        assertThatIllegalArgumentException().isThrownBy(() -> parity.subset()).withMessageContaining("at least one");
        assertThatIllegalArgumentException().isThrownBy(() -> parity.subset(3, 16)).withMessage("subset: there is no sample 16 among 16");
        assertThatIllegalArgumentException().isThrownBy(() -> parity.subset(-1)).withMessageContaining("no sample -1");
        assertThatIllegalArgumentException().isThrownBy(() -> parity.head(0));
    }

    @Test
    void splitsDealEverySampleOutOnce() {
        Dataset parity = new Parity(6);
        Split split = parity.split(0.75, 7);
        assertThat(split.train().size()).isEqualTo(48);
        assertThat(split.test().size()).isEqualTo(16);
        TreeSet<Long> all = new TreeSet<>();
        Arrays.stream(numbers(split.train())).forEach(all::add);
        Arrays.stream(numbers(split.test())).forEach(all::add);
        assertThat(all).hasSize(64);
        assertThat(numbers(parity.split(0.75, 7).train())).isEqualTo(numbers(split.train()));
        assertThat(numbers(parity.split(0.75, 8).train())).isNotEqualTo(numbers(split.train()));
        assertThat(numbers(split.train())).isNotEqualTo(LongStream.range(0, 48).toArray());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 1.5, Double.NaN, Double.POSITIVE_INFINITY, 1e-9, 0.999999})
    void badFractions(double fraction) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Parity(2).split(fraction, 1)).withMessageStartingWith("split: ");
    }

    @Test
    void aFileThatCannotBeRead() {
        Dataset broken = new Dataset() {
            @Override
            public long size() {
                return 1;
            }

            @Override
            public Shape inputShape() {
                return Shape.of(1);
            }

            @Override
            public int classes() {
                return 1;
            }

            @Override
            public void read(long index, FloatBuffer input) throws IOException {
                throw new IOException("gone");
            }
        };
        assertThatThrownBy(() -> broken.input(0)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("gone");
        assertThatThrownBy(() -> broken.label(0)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> broken.readTarget(0, FloatBuffer.allocate(1))).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void arraysOfFloats() throws IOException {
        ArrayDataset data = ArrayDataset.of(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(1, 2), new int[] {0, 2, 1}, 3);
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.input(1)).containsExactly(3, 4);
        assertThat(data.label(1)).isEqualTo(2);
        assertThat(data.normalised(2, 1, 4).input(2)).containsExactly((5 * 2 - 1) / 4f, (6 * 2 - 1) / 4f);
        assertThat(data.named("a", "b", "c").className(2)).isEqualTo("c");
        assertThat(data.named("a", "b", "c").slice(1, 2).classNames()).containsExactly("a", "b", "c");
        assertThat(data).hasToString("3 samples of shape [1, 2] in 3 classes");
        assertThatThrownBy(() -> data.input(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> data.readTarget(0, FloatBuffer.allocate(1))).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void arraysOfBytesAreUnsigned() {
        ArrayDataset data = ArrayDataset.of(new byte[] {0, 127, -128, -1}, Shape.of(2), new int[] {0, 0}, 1);
        assertThat(data.input(1)).containsExactly(128, 255);
        assertThat(data.normalised(1.0 / 255, 0.286, 0.353).input(1)[1]).isEqualTo((float) ((255.0 / 255 - 0.286) / 0.353));
    }

    @Test
    void numbersToPredict() {
        ArrayDataset data = ArrayDataset.of(new float[] {1, 2}, Shape.of(1), new float[] {10, 11, 20, 21}, Shape.of(2));
        FloatBuffer target = FloatBuffer.allocate(2);
        data.readTarget(1, target);
        assertThat(target.array()).containsExactly(20, 21);
        assertThat(data.classes()).isZero();
        assertThat(data).hasToString("2 samples of shape [1] with targets of shape [2]");
        assertThatThrownBy(() -> data.label(0)).isInstanceOf(UnsupportedOperationException.class);
        assertThat(data.slice(1, 2).targetShape()).isEqualTo(Shape.of(2));
    }

    @Test
    void badArrays() {
        int[] labels = {0, 1};
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[5], Shape.of(2), labels, 2))
                .withMessage("data set: 5 values are not 2 times shape [2] (2 numbers)");
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new byte[6], Shape.of(2), labels, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(2), labels, 1))
                .withMessage("data set: label 1 of sample 1 is not within 0 to 0");
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(2), new int[] {-1, 0}, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(2), labels, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[0], Shape.of(2), new int[0], 2));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(1L << 39), labels, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(2), new float[1], Shape.of(2)));
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayDataset.of(new float[4], Shape.of(2), new float[3], Shape.scalar()));
        ArrayDataset data = ArrayDataset.of(new float[4], Shape.of(2), labels, 2);
        assertThatIllegalArgumentException().isThrownBy(() -> data.named("one")).withMessage("data set: 1 names for 2 classes");
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> data.normalised(1, 0, bad));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> data.normalised(Double.NaN, 0, 1));
    }

    @Test
    void digits() throws IOException {
        Split digits = Digits.load();
        assertThat(digits.train().size()).isEqualTo(1437);
        assertThat(digits.test().size()).isEqualTo(360);
        assertThat(digits.train().inputShape()).isEqualTo(Shape.of(1, 8, 8));
        assertThat(digits.train().classNames()).isEqualTo(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
        assertThat(Arrays.copyOf(digits.train().input(0), 8)).containsExactly(0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0);
        int[] counts = new int[10];
        double sum = 0;
        for (Dataset part : List.of(digits.train(), digits.test())) {
            for (long i = 0; i < part.size(); i++) {
                counts[part.label(i)]++;
                for (float value : part.input(i)) {
                    assertThat(value).isBetween(0f, 1f);
                    sum += value * 16;
                }
            }
        }
        // as in the repository's description
        assertThat(counts).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
        assertThat(sum).isEqualTo(561_718);
    }
}
