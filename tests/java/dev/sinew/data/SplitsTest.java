package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Noise;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitsTest {
    /** Sample i is (i), with that label. */
    private static Dataset data(int classes, int... labels) {
        float[] values = new float[labels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return ArrayDataset.of(values, Shape.of(1), labels, classes);
    }

    /** 60 of class 0, 30 of class 1, 10 of class 2, none of class 3. */
    private static Dataset uneven() {
        return data(4, IntStream.range(0, 100).map(i -> i % 10 == 0 ? 2 : i % 10 < 4 ? 1 : 0).toArray());
    }

    private static List<Integer> samples(Dataset data) {
        List<Integer> samples = new ArrayList<>();
        for (long i = 0; i < data.size(); i++) {
            samples.add((int) data.input(i)[0]);
        }
        return samples;
    }

    private static int[] counts(Dataset data) throws IOException {
        int[] counts = new int[data.classes()];
        for (long i = 0; i < data.size(); i++) {
            counts[data.label(i)]++;
        }
        return counts;
    }

    private static void everySampleOnce(Split split, int size) {
        List<Integer> all = new ArrayList<>(samples(split.train()));
        all.addAll(samples(split.test()));
        assertThat(all).containsExactlyInAnyOrder(IntStream.range(0, size).boxed().toArray(Integer[]::new));
    }

    @Test
    void stratified() throws IOException {
        Split split = Splits.stratified(uneven(), 0.8, 5);
        assertThat(counts(split.train())).containsExactly(48, 24, 8, 0);
        assertThat(counts(split.test())).containsExactly(12, 6, 2, 0);
        everySampleOnce(split, 100);
        assertThat(samples(Splits.stratified(uneven(), 0.8, 5).test())).isEqualTo(samples(split.test()));
        assertThat(samples(Splits.stratified(uneven(), 0.8, 6).test())).isNotEqualTo(samples(split.test()));
        Split tiny = Splits.stratified(data(3, 0, 0, 1, 1, 2), 0.99, 1);
        assertThat(counts(tiny.train())).containsExactly(1, 1, 1);
        assertThat(counts(tiny.test())).containsExactly(1, 1, 0);
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.stratified(uneven(), Double.NaN, 1)).withMessageContaining("not NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.stratified(data(1, 0), 0.5, 1)).withMessageContaining("empty");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 100})
    void kFold(int k) {
        List<Integer> tested = new ArrayList<>();
        for (Split split : Splits.kFold(uneven(), k, 3)) {
            everySampleOnce(split, 100);
            assertThat(split.test().size()).isBetween(100L / k, (100L + k - 1) / k);
            tested.addAll(samples(split.test()));
        }
        assertThat(tested).doesNotHaveDuplicates().hasSize(100);
        assertThat(tested).as("at random").isNotEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void stratifiedKFold() throws IOException {
        List<Integer> tested = new ArrayList<>();
        List<Split> splits = Splits.stratifiedKFold(uneven(), 5, 3);
        assertThat(splits).hasSize(5);
        for (Split split : splits) {
            assertThat(counts(split.test())).containsExactly(12, 6, 2, 0);
            everySampleOnce(split, 100);
            tested.addAll(samples(split.test()));
        }
        assertThat(tested).doesNotHaveDuplicates().hasSize(100);
        for (Split split : Splits.stratifiedKFold(data(4, 0, 1, 2, 3, 0, 1), 3, 1)) {
            assertThat(split.test().size()).isEqualTo(2);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.stratifiedKFold(uneven(), 1, 3)).withMessageContaining("needs 2 to 100 folds, not 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.kFold(uneven(), 101, 3)).withMessageContaining("not 101");
    }

    @Test
    void groupsStayTogether() {
        long[] groups = IntStream.range(0, 100).mapToLong(i -> i < 40 ? -1 : i % 12).toArray();
        List<Integer> tested = new ArrayList<>();
        for (Split split : Splits.groupKFold(uneven(), groups, 3, 9)) {
            everySampleOnce(split, 100);
            List<Long> here = samples(split.test()).stream().map(i -> groups[i]).distinct().toList();
            assertThat(samples(split.train())).noneMatch(i -> here.contains(groups[i]));
            assertThat(split.test().size()).isBetween(30L, 40L);
            tested.addAll(samples(split.test()));
        }
        assertThat(tested).doesNotHaveDuplicates().hasSize(100);
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.groupKFold(uneven(), new long[3], 2, 1)).withMessageContaining("3 groups for 100");
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.groupKFold(uneven(), new long[100], 2, 1));
    }

    @Test
    void classesAlone() throws IOException {
        Dataset some = Splits.ofClasses(uneven(), 2, 1);
        assertThat(counts(some)).containsExactly(0, 30, 10, 0);
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.ofClasses(uneven(), 3)).withMessageContaining("no sample is in one of [3]");
        assertThatIllegalArgumentException().isThrownBy(() -> Splits.ofClasses(uneven(), 4)).withMessageContaining("no class 4 among 4");
    }

    // ---- samplers ----

    @Test
    void balanced() throws IOException {
        Sampler sampler = Sampler.balanced(uneven(), Seed.of(1));
        int[] counts = new int[4];
        for (int epoch = 0; epoch < 300; epoch++) {
            for (int sample : sampler.order(epoch)) {
                counts[uneven().label(sample)]++;
            }
        }
        // 30,000 draws: a third each, with a standard deviation of 82
        assertThat(Arrays.copyOf(counts, 3)).satisfies(c -> assertThat(Arrays.stream(c).allMatch(n -> Math.abs(n - 10_000) < 410)).isTrue());
        assertThat(counts[3]).isZero();
        assertThat(sampler.order(3)).containsExactly(Sampler.balanced(uneven(), Seed.of(1)).order(3)).isNotEqualTo(sampler.order(4));
    }

    @Test
    void weighted() {
        Sampler sampler = Sampler.weighted(new double[] {0, 1, 0, 3, 0}, 20_000, Seed.of(2));
        int[] counts = new int[5];
        for (int sample : sampler.order(0)) {
            counts[sample]++;
        }
        assertThat(counts[0] + counts[2] + counts[4]).isZero();
        assertThat(counts[3]).isBetween(15_000 - 310, 15_000 + 310);
        for (double[] bad : new double[][] {{}, {0, 0}, {-1, 2}, {Double.NaN}, {Double.POSITIVE_INFINITY}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Sampler.weighted(bad, 3, Seed.of(1)));
        }
    }

    @Test
    void hardest() {
        Sampler sampler = Sampler.hardest(new double[] {1, 5, Double.NaN, 3, 5, 0}, 0.5, Seed.of(1));
        assertThat(sampler.size()).isEqualTo(3);
        assertThat(sampler.order(0)).containsExactlyInAnyOrder(1, 2, 4);
        assertThat(IntStream.range(0, 20).mapToObj(e -> Arrays.toString(sampler.order(e))).distinct().count()).isGreaterThan(3);
        assertThat(Sampler.hardest(new double[] {1, 2}, 1e-9, Seed.of(1)).order(0)).containsExactly(1);
        assertThatIllegalArgumentException().isThrownBy(() -> Sampler.hardest(new double[] {1}, 0, Seed.of(1)));
    }

    // ---- combinations ----

    @Test
    void concatenated() throws IOException {
        Dataset all = data(3, 0, 1).concat(data(3, 2), data(3, 1, 1, 0));
        assertThat(samples(all)).containsExactly(0, 1, 0, 0, 1, 2);
        assertThat(counts(all)).containsExactly(2, 3, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> data(3, 0).concat(data(2, 0))).withMessageContaining("2 classes");
        Dataset noisy = data(3, 0, 1).concat(data(3, 2).transformed(Seed.of(1), new Noise(1)));
        assertThat(noisy.inEpoch(1).input(2)).isNotEqualTo(noisy.inEpoch(2).input(2));
    }

    @Test
    void cachedSamplesAreReadOnce() throws IOException {
        int[] reads = new int[1];
        Dataset data = new Wrapped(data(3, 0, 1, 2)) {
            @Override
            public void read(long index, FloatBuffer input) throws IOException {
                reads[0]++;
                super.read(index, input);
            }
        };
        Dataset cached = data.cached();
        for (int again = 0; again < 3; again++) {
            assertThat(samples(cached)).containsExactly(0, 1, 2);
            assertThat(counts(cached)).containsExactly(1, 1, 1);
        }
        assertThat(reads[0]).isEqualTo(3);
        Dataset targets = ArrayDataset.of(new float[] {1, 2}, Shape.of(1), new float[] {3, 4}, Shape.of(1)).cached();
        FloatBuffer target = FloatBuffer.allocate(1);
        targets.readTarget(1, target);
        assertThat(target.array()).containsExactly(4);
    }

    @Test
    void labelsAsVectors() throws IOException {
        Dataset vectors = data(3, 0, 2).oneHot();
        assertThat(vectors.classes()).isZero();
        assertThat(vectors.targetShape()).isEqualTo(Shape.of(3));
        assertThat(target(vectors, 1)).containsExactly(0, 0, 1);
    }

    private static float[] target(Dataset data, long index) throws IOException {
        FloatBuffer target = FloatBuffer.allocate((int) data.targetShape().count());
        data.readTarget(index, target);
        return target.array();
    }

    @Test
    void mixup() throws IOException {
        Dataset data = uneven();
        Mixed mixed = Mixed.up(data, 0.4, Seed.of(3));
        int changed = 0;
        for (int epoch = 0; epoch < 3; epoch++) {
            Dataset now = mixed.inEpoch(epoch);
            for (int i = 0; i < 100; i++) {
                float[] target = target(now, i);
                assertThat(target[0] + target[1] + target[2]).isCloseTo(1, Offset.offset(1e-6f));
                float x = now.input(i)[0];
                // x = share i + (1 - share) partner, with the share of the own label when the labels differ
                float own = target[data.label(i)];
                if (own < 1) {
                    double partner = (x - own * i) / (1 - own);
                    if (own < 0.99) {
                        assertThat(partner).isCloseTo(Math.rint(partner), Offset.offset(0.02)).isBetween(-0.1, 99.1);
                    }
                    changed++;
                }
            }
        }
        assertThat(changed).isGreaterThan(60);
        assertThat(mixed.inEpoch(2).input(5)).containsExactly(mixed.inEpoch(1).inEpoch(2).input(5));
        assertThatIllegalArgumentException().isThrownBy(() -> Mixed.up(data, 0, Seed.of(1)));
    }

    @Test
    void cutmix() throws IOException {
        float[] values = new float[3 * 2 * 8 * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 96;
        }
        Dataset data = ArrayDataset.of(values, Shape.of(2, 8, 6), new int[] {0, 1, 2}, 3);
        boolean mixedOnce = false;
        for (int epoch = 0; epoch < 60; epoch++) {
            Dataset now = Mixed.cut(data, 1, Seed.of(4)).inEpoch(epoch);
            float[] image = now.input(1);
            float[] target = target(now, 1);
            int[] counts = new int[3];
            for (int i = 0; i < 48; i++) {
                assertThat(image[i]).isEqualTo(image[48 + i]);
                counts[(int) image[i]]++;
            }
            for (int c = 0; c < 3; c++) {
                assertThat(target[c]).isCloseTo(counts[c] / 48f, Offset.offset(1e-6f));
            }
            mixedOnce |= counts[1] < 48 && counts[1] > 0;
        }
        assertThat(mixedOnce).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> Mixed.cut(uneven(), 1, Seed.of(1))).withMessageContaining("needs images");
    }

    /** Images of one value each: a cut one has two values, a blended one a single new one. */
    @Test
    void eitherAndOnlySome() throws IOException {
        float[] values = new float[5 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 << i / 64;
        }
        Dataset data = ArrayDataset.of(values, Shape.of(1, 8, 8), new int[] {0, 1, 2, 3, 4}, 5);
        Mixed mixed = Mixed.upOrCut(data, 1, 1, Seed.of(6)).chance(0.75);
        int[] counts = new int[3];
        for (int epoch = 0; epoch < 400; epoch++) {
            for (int i = 0; i < 5; i++) {
                float[] image = mixed.inEpoch(epoch).input(i);
                float[] target = target(mixed.inEpoch(epoch), i);
                double sum = 0;
                double expected = 0;
                for (float value : image) {
                    sum += value / 64;
                }
                for (int c = 0; c < 5; c++) {
                    expected += target[c] * (1 << c);
                }
                assertThat(sum).isCloseTo(expected, Offset.offset(1e-5));
                boolean one = java.util.stream.IntStream.range(0, 64).allMatch(p -> image[p] == image[0]);
                counts[target[i] == 1 ? 0 : one ? 1 : 2]++;
            }
        }
        // of 2000: a quarter as it was, and a fifth of the others is mixed with itself, or cut by nothing
        assertThat(counts[0]).isBetween(750, 900);
        assertThat(counts[1]).isBetween(520, 680);
        assertThat(counts[2]).isBetween(480, 650);
        assertThat(mixed.chance(0).input(3)).containsOnly(8);
        assertThat(mixed.toString()).contains("mixed, alpha 1.0, or with rectangles of others, alpha 1.0, a share of 0.75");
        assertThatIllegalArgumentException().isThrownBy(() -> mixed.chance(1.5)).withMessageContaining("from 0 to 1, not 1.5");
        assertThatIllegalArgumentException().isThrownBy(() -> Mixed.upOrCut(data, 1, -1, Seed.of(1))).withMessageContaining("alpha");
    }
}
