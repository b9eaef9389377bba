package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.NativeMemory;
import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** For tests of batches: samples that tell their numbers, and no native memory left behind. */
abstract class NumberedBatches {
    protected long before;

    @BeforeEach
    void count() {
        before = NativeMemory.liveBytes();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(before);
    }

    /** What happens before a sample is read. */
    interface Hook {
        void before(long index) throws IOException, InterruptedException;
    }

    /** Sample i is (i, i + 0.5), its label i % 7. */
    static class Numbers implements Dataset {
        final long size;
        private final Hook hook;

        Numbers(long size) {
            this(size, index -> {});
        }

        Numbers(long size, Hook hook) {
            this.size = size;
            this.hook = hook;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public Shape inputShape() {
            return Shape.of(2);
        }

        @Override
        public int classes() {
            return 7;
        }

        @Override
        public void read(long index, FloatBuffer input) throws IOException {
            try {
                hook.before(index);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            input.put(index).put(index + 0.5f);
        }

        @Override
        public int label(long index) throws IOException {
            return (int) (index % 7);
        }
    }

    /** The samples of each batch that is left. */
    static List<List<Integer>> drain(Batches batches) {
        List<List<Integer>> all = new ArrayList<>();
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            all.add(samples(batch));
        }
        return all;
    }

    static List<Integer> samples(Batch batch) {
        float[] values = batch.input().toFloats();
        int[] labels = batch.target().toInts();
        List<Integer> samples = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            int sample = (int) values[2 * i];
            assertThat(values[2 * i + 1]).isEqualTo(sample + 0.5f);
            assertThat(labels[i]).isEqualTo(sample % 7);
            samples.add(sample);
        }
        return samples;
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
