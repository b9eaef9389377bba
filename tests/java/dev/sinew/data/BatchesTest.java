package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.DType;
import dev.sinew.NativeMemory;
import dev.sinew.Shape;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What batches are made of, in which order, and what can go wrong. */
@Timeout(60)
class BatchesTest extends NumberedBatches {
    @Test
    void inOrderWithAPartialLastBatch() {
        try (Batches batches = Batches.of(new Numbers(10), 4).open()) {
            assertThat(batches.batchesPerEpoch()).isEqualTo(3);
            Batch first = batches.next();
            assertThat(first.input().shape()).isEqualTo(Shape.of(4, 2));
            assertThat(first.input().dtype()).isEqualTo(DType.F32);
            assertThat(first.target().shape()).isEqualTo(Shape.of(4));
            assertThat(first.target().dtype()).isEqualTo(DType.I32);
            assertThat(samples(first)).containsExactly(0, 1, 2, 3);
            assertThat(samples(batches.next())).containsExactly(4, 5, 6, 7);
            Batch last = batches.next();
            assertThat(last.input().shape()).isEqualTo(Shape.of(2, 2));
            assertThat(last.target().shape()).isEqualTo(Shape.of(2));
            assertThat(samples(last)).containsExactly(8, 9);
            assertThat(batches.next()).isNull();
            assertThat(batches.next()).isNull();
        }
    }

    @Test
    void dropLast() {
        try (Batches batches = Batches.of(new Numbers(10), 4).dropLast().epochs(2).open()) {
            assertThat(batches.batchesPerEpoch()).isEqualTo(2);
            assertThat(drain(batches)).containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(0, 1, 2, 3), List.of(4, 5, 6, 7));
        }
    }

    @Test
    void aBatchLargerThanTheDataSet() {
        try (Batches batches = Batches.of(new Numbers(3), 1_000_000_000).epochs(2).open()) {
            assertThat(drain(batches)).containsExactly(List.of(0, 1, 2), List.of(0, 1, 2));
        }
    }

    @Test
    void epochAndIndexAreNumbered() {
        try (Batches batches = Batches.of(new Numbers(5), 2).epochs(2).open()) {
            List<String> numbers = new ArrayList<>();
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                numbers.add(batch.epoch() + "." + batch.index());
            }
            assertThat(numbers).containsExactly("0.0", "0.1", "0.2", "1.0", "1.1", "1.2");
        }
    }

    @Test
    void everyEpochHasEverySampleInAnOrderOfItsOwn() {
        List<List<Integer>> epochs = new ArrayList<>();
        try (Batches batches = Batches.of(new Numbers(100), 10).shuffled(7).epochs(3).open()) {
            List<List<Integer>> all = drain(batches);
            for (int epoch = 0; epoch < 3; epoch++) {
                epochs.add(all.subList(10 * epoch, 10 * epoch + 10).stream().flatMap(List::stream).toList());
            }
        }
        List<Integer> sorted = IntStream.range(0, 100).boxed().toList();
        assertThat(epochs).doesNotHaveDuplicates().doesNotContain(sorted);
        assertThat(epochs).allSatisfy(epoch -> assertThat(epoch.stream().sorted().toList()).isEqualTo(sorted));
    }

    /**
     * A shuffle is a part of the format of checkpoints: it may never change. The numbers come from another implementation of
     * what {@link Permutation} describes, in Python.
     */
    @Test
    void theOrderOfASeedNeverChanges() {
        assertThat(order(12, 7, 0)).containsExactly(SEED_7);
        assertThat(order(12, 7, 1)).containsExactly(SEED_7_EPOCH_1);
        assertThat(order(12, 0, 0)).containsExactly(SEED_0);
        assertThat(order(12, -1, 5)).containsExactly(SEED_MINUS_1_EPOCH_5);
        assertThat(Arrays.hashCode(order(60_000, 7, 0))).isEqualTo(HASH_60000);
    }

    private static final Integer[] SEED_7 = {10, 6, 1, 0, 4, 8, 11, 3, 5, 2, 9, 7};
    private static final Integer[] SEED_7_EPOCH_1 = {10, 9, 5, 11, 6, 3, 7, 4, 1, 0, 8, 2};
    private static final Integer[] SEED_0 = {9, 6, 5, 7, 1, 0, 3, 8, 11, 10, 2, 4};
    private static final Integer[] SEED_MINUS_1_EPOCH_5 = {9, 8, 5, 1, 3, 10, 0, 7, 11, 4, 2, 6};
    private static final int HASH_60000 = -2103526999;

    private static Integer[] order(int size, long seed, long epoch) {
        try (Batches batches = Batches.of(new Numbers(size), size).shuffled(seed).from(epoch, 0).epochs(epoch + 1).open()) {
            return drain(batches).getFirst().toArray(Integer[]::new);
        }
    }

    /** Each of 4! orders of 4 samples about equally often. */
    @Test
    void shufflesAreFair() {
        int[] counts = new int[256];
        try (Batches batches = Batches.of(new Numbers(4), 4).shuffled(1).epochs(24_000).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                List<Integer> s = samples(batch);
                counts[s.get(0) << 6 | s.get(1) << 4 | s.get(2) << 2 | s.get(3)]++;
            }
        }
        int[] used = Arrays.stream(counts).filter(count -> count > 0).toArray();
        assertThat(used).hasSize(24);
        // expected 1000 with a standard deviation of 31: five of them
        assertThat(Arrays.stream(used).boxed()).allSatisfy(count -> assertThat(count).isBetween(845, 1155));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 6, 7, 12, 15})
    void aRunThatStartsLaterSeesTheSame(int start) {
        List<List<Integer>> whole;
        try (Batches batches = Batches.of(new Numbers(19), 4).shuffled(-3).epochs(3).open()) {
            whole = drain(batches);
        }
        assertThat(whole).hasSize(15);
        try (Batches batches = Batches.of(new Numbers(19), 4).shuffled(-3).epochs(3).from(start / 5, start % 5).open()) {
            assertThat(drain(batches)).isEqualTo(whole.subList(start, 15));
        }
    }

    @Test
    void theEndOfAnEpochIsTheBeginningOfTheNext() {
        try (Batches batches = Batches.of(new Numbers(4), 2).epochs(2).from(0, 2).open()) {
            assertThat(batches.next().epoch()).isEqualTo(1);
        }
    }

    @Test
    void changingTheSetupLaterChangesNothing() {
        Batches.Setup setup = Batches.of(new Numbers(8), 4);
        try (Batches batches = setup.open()) {
            setup.epochs(100).shuffled(1).dropLast();
            assertThat(drain(batches)).hasSize(2);
        }
    }

    @Test
    void numbersToPredict() {
        ArrayDataset data = ArrayDataset.of(new float[] {1, 2, 3}, Shape.of(1), new float[] {10, 11, 20, 21, 30, 31}, Shape.of(2));
        try (Batches batches = Batches.of(data, 2).open()) {
            Batch first = batches.next();
            assertThat(first.target().dtype()).isEqualTo(DType.F32);
            assertThat(first.target().shape()).isEqualTo(Shape.of(2, 2));
            assertThat(first.target().toFloats()).containsExactly(10, 11, 20, 21);
            assertThat(batches.next().target().toFloats()).containsExactly(30, 31);
        }
    }

    @Test
    void imagesAreRowMajor() {
        try (Batches batches = Batches.of(Digits.load().test(), 100).open()) {
            Batch batch = batches.next();
            assertThat(batch.input().shape()).isEqualTo(Shape.of(100, 1, 8, 8));
            assertThat(Arrays.copyOfRange(batch.input().toFloats(), 64, 128)).isEqualTo(Digits.load().test().input(1));
        }
    }

    @Test
    void memoryIsUsedAgain() {
        try (Batches batches = Batches.of(new Numbers(100), 10).open()) {
            long bytes = NativeMemory.liveBytes();
            List<Long> addresses = new ArrayList<>();
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                addresses.add(batch.input().address());
            }
            assertThat(addresses.stream().distinct()).hasSize(3);
            assertThat(NativeMemory.liveBytes()).isEqualTo(bytes);
        }
    }

    /** Slow consumers must not see a batch change under their hands. */
    @Test
    void aBatchStaysUntilTheNextIsTaken() throws InterruptedException {
        try (Batches batches = Batches.of(new Numbers(1000), 10).open()) {
            for (int i = 0; i < 100; i++) {
                Batch batch = batches.next();
                if (i % 25 == 0) {
                    Thread.sleep(20);
                }
                assertThat(samples(batch)).isEqualTo(IntStream.range(10 * i, 10 * i + 10).boxed().toList());
            }
        }
    }

    /** Gradients must notice that a batch they need is gone. */
    @Test
    void refillingCountsAsOverwriting() {
        try (Batches batches = Batches.of(new Numbers(100), 10).open()) {
            Batch first = batches.next();
            int version = first.input().buffer().version();
            drain(batches);
            assertThat(first.input().buffer().version()).isGreaterThan(version);
        }
    }

    // ---- samplers ----

    @Test
    void aSamplerChooses() {
        Sampler odd = new Sampler() {
            @Override
            public int size() {
                return 3;
            }

            @Override
            public int[] order(long epoch) {
                return new int[] {(int) epoch, 5, 5};
            }
        };
        try (Batches batches = Batches.of(new Numbers(10), 2).sampled(odd).epochs(2).workers(2).open()) {
            assertThat(batches.batchesPerEpoch()).isEqualTo(2);
            assertThat(drain(batches)).containsExactly(List.of(0, 5), List.of(5), List.of(1, 5), List.of(5));
        }
        try (Batches batches = Batches.of(new Numbers(3), 2).sampled(odd).open()) {
            assertThatThrownBy(batches::next).hasMessageContaining("the sampler gives sample 5, there are 3");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(9), 4).dropLast().sampled(odd).open())
                .withMessageContaining("3 samples do not fill a batch of 4");
    }

    // ---- what can go wrong ----

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 17, 99})
    void anExceptionNamesTheSample(int bad) {
        Dataset data = new Numbers(100, index -> {
            if (index == bad) {
                throw new IOException("torn page");
            }
        });
        try (Batches batches = Batches.of(data, 10).open()) {
            for (int i = 0; i < bad / 10; i++) {
                assertThat(batches.next().index()).isEqualTo(i);
            }
            for (int again = 0; again < 2; again++) {
                assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class)
                        .hasMessage("batches: sample " + bad + " could not be read: java.io.IOException: torn page")
                        .hasCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void errorsSurfaceToo() {
        Dataset data = new Numbers(10) {
            @Override
            public void read(long index, FloatBuffer input) {
                throw new StackOverflowError();
            }
        };
        try (Batches batches = Batches.of(data, 10).open()) {
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("sample 0")
                    .hasCauseInstanceOf(StackOverflowError.class);
        }
    }

    @Test
    void aSampleCannotWriteOutOfItsPlace() {
        Dataset data = new Numbers(10) {
            @Override
            public void read(long index, FloatBuffer input) {
                input.put(new float[] {1, 2, 3});
            }
        };
        try (Batches batches = Batches.of(data, 10).open()) {
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class).hasCauseInstanceOf(BufferOverflowException.class);
        }
    }

    @Test
    void anIncompleteSample() {
        Dataset data = new Numbers(10) {
            @Override
            public void read(long index, FloatBuffer input) {
                input.put(1).limit(1);
            }
        };
        try (Batches batches = Batches.of(data, 10).open()) {
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class)
                    .hasMessage("batches: sample 0 is incomplete: 1 of 2 numbers of its input were put");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 7, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aLabelOutOfRange(int label) {
        Dataset data = new Numbers(10) {
            @Override
            public int label(long index) {
                return index == 4 ? label : 0;
            }
        };
        try (Batches batches = Batches.of(data, 10).open()) {
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class)
                    .hasMessage("batches: sample 4 has label " + label + ", which is not within 0 to 6");
        }
    }

    @Test
    void badArguments() {
        assertThatThrownBy(() -> Batches.of(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(0), 1)).withMessageContaining("0 samples");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 0)).withMessageContaining("not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 4).epochs(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 4).workers(0)).withMessageContaining("1 to 256 threads, not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 4).from(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 4).from(0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 4).from(0, 2).open())
                .withMessage("batches: cannot begin at batch 2 of 1 in an epoch");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(4), 5).dropLast()).withMessageContaining("dropLast");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(new Numbers(1L << 40), 4).shuffled(1)).withMessageContaining("too many");
    }

    @Test
    void anInputOfTooHighARank() {
        Dataset data = new Numbers(4) {
            @Override
            public Shape inputShape() {
                return Shape.of(1, 1, 1, 1, 1, 1, 1, 1);
            }
        };
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(data, 2).open()).withMessageContaining("too high a rank");
    }

    @Test
    void aSampleThatIsTooLarge() {
        Dataset data = new Numbers(4) {
            @Override
            public Shape inputShape() {
                return Shape.of(1L << 30);
            }
        };
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.of(data, 2).open()).withMessageContaining("2 GiB");
    }
}
