package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.NativeMemory;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.data.transform.Affine;
import dev.sinew.data.transform.Noise;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that threads make ahead, and closing them meanwhile. */
@Timeout(60)
class BatchesThreadsTest extends NumberedBatches {
    // ---- several threads ----

    /** Slow, now and then, so that threads overtake each other. */
    private static Dataset uneven(int size) {
        return new Numbers(size, index -> {
            if (index % 7 == 0) {
                Thread.yield();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void theSameForAnyNumberOfThreads(int workers) {
        List<List<Integer>> expected;
        try (Batches batches = Batches.of(new Numbers(103), 10).shuffled(7).epochs(20).from(1, 3).open()) {
            expected = drain(batches);
        }
        try (Batches batches = Batches.of(uneven(103), 10).shuffled(7).epochs(20).from(1, 3).workers(workers).open()) {
            assertThat(drain(batches)).isEqualTo(expected).hasSize(19 * 11 - 3);
        }
        Dataset digits = Digits.load().train().transformed(Seed.of(3), Affine.none().rotate(20).zoom(0.2), new Noise(0.1));
        assertThat(hash(digits, workers)).isEqualTo(hash(digits, 1));
    }

    private static int hash(Dataset data, int workers) {
        int hash = 0;
        try (Batches batches = Batches.of(data, 64).shuffled(7).epochs(2).workers(workers).open()) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                hash = 31 * hash + Arrays.hashCode(batch.input().toFloats());
            }
        }
        return hash;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void theFirstFailureCountsWhateverThreadHasIt(int workers) {
        Dataset data = new Numbers(1000, index -> {
            if (index >= 45) {
                throw new IOException("torn page");
            }
        });
        for (int again = 0; again < 50; again++) {
            try (Batches batches = Batches.of(data, 10).workers(workers).open()) {
                for (int i = 0; i < 4; i++) {
                    assertThat(batches.next().index()).isEqualTo(i);
                }
                assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class).hasMessageStartingWith("batches: sample 45 could not be read");
            }
        }
    }

    @Test
    void threadsReadAtTheSameTime() {
        CountDownLatch together = new CountDownLatch(3);
        Dataset data = new Numbers(30, index -> {
            if (index % 10 == 0) {
                together.countDown();
                await(together);
            }
        });
        try (Batches batches = Batches.of(data, 10).workers(3).open()) {
            assertThat(drain(batches)).hasSize(3);
        }
    }

    @Test
    void waitingIsMeasured() {
        Thread consumer = Thread.currentThread();
        Dataset slow = new Numbers(4, index -> {
            if (index == 0) {
                untilItWaits(consumer);
                Thread.sleep(40);
            }
        });
        try (Batches batches = Batches.of(slow, 2).open()) {
            drain(batches);
            assertThat(batches.waitedSeconds()).isGreaterThan(0.03);
        }
    }

    private static void untilItWaits(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    /** Threads and memory of batches that nobody closed are given back once they are collected. */
    @Test
    void forgottenOnesEnd() throws InterruptedException {
        // weakly, for a thread leads to what it worked on
        AtomicReference<WeakReference<Thread>> reader = new AtomicReference<>();
        forget(new Numbers(100, index -> reader.set(new WeakReference<>(Thread.currentThread()))));
        for (int i = 0; i < 200 && (isAlive(reader.get().get()) || NativeMemory.liveBytes() > before); i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(isAlive(reader.get().get())).isFalse();
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(before);
    }

    private static boolean isAlive(Thread thread) {
        return thread != null && thread.isAlive();
    }

    private static void forget(Dataset data) {
        assertThat(samples(Batches.of(data, 10).epochs(Long.MAX_VALUE).open().next())).hasSize(10);
    }

    // ---- closing ----

    @Test
    void afterCloseNothingCanBeUsed() {
        Batches batches = Batches.of(new Numbers(100), 10).open();
        Tensor input = batches.next().input();
        batches.close();
        batches.close();
        assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThatThrownBy(input::toFloats).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    @Test
    void closeWhileProducing() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            Batches batches = Batches.of(new Numbers(1_000_000), 1000).shuffled(i).epochs(Long.MAX_VALUE).open();
            if (i % 3 > 0) {
                batches.next();
            }
            if (i % 5 == 0) {
                Thread.sleep(1);
            }
            batches.close();
        }
    }

    @Test
    void closeWhileAnotherThreadWaits() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Dataset data = new Numbers(10, index -> {
            reading.countDown();
            await(closed);
        });
        Batches batches = Batches.of(data, 10).open();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread consumer = Thread.ofPlatform().start(() -> {
            try {
                batches.next();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        await(reading);
        untilItWaits(consumer);
        Thread closer = Thread.ofPlatform().start(batches::close);
        consumer.join(10_000);
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessage("batches: closed");
        closed.countDown();
        closer.join();
    }

    @Test
    void closeDoesNotInterruptTheDataSet() {
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch reading = new CountDownLatch(1);
        Dataset data = new Numbers(10, index -> {
            reading.countDown();
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        Batches batches = Batches.of(data, 1).open();
        await(reading);
        batches.close();
        assertThat(interrupted).isFalse();
    }

    /** A data set that keeps a buffer can spoil nobody's memory with it. */
    @Test
    void aKeptBufferIsRefusedAfterClose() {
        AtomicReference<FloatBuffer> kept = new AtomicReference<>();
        Dataset data = new Numbers(10) {
            @Override
            public void read(long index, FloatBuffer input) throws IOException {
                super.read(index, input);
                kept.set(input);
            }
        };
        try (Batches batches = Batches.of(data, 10).open()) {
            batches.next();
        }
        FloatBuffer buffer = kept.get().clear();
        assertThat(buffer.capacity()).isEqualTo(2);
        assertThatThrownBy(() -> buffer.put(0, 1f)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptedConsumer() {
        CountDownLatch release = new CountDownLatch(1);
        Dataset data = new Numbers(10, index -> await(release));
        try (Batches batches = Batches.of(data, 10).open()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            release.countDown();
            assertThat(batches.next().size()).isEqualTo(10);
        }
    }

    @Test
    void thePrefetcherIsADaemonAndAtMostTwoBatchesAhead() throws InterruptedException {
        AtomicInteger read = new AtomicInteger();
        AtomicBoolean daemon = new AtomicBoolean();
        CountDownLatch three = new CountDownLatch(30);
        Dataset data = new Numbers(100, index -> {
            daemon.set(Thread.currentThread().isDaemon());
            read.incrementAndGet();
            three.countDown();
        });
        try (Batches batches = Batches.of(data, 10).open()) {
            batches.next();
            await(three);
            Thread.sleep(50);
            assertThat(read.get()).isEqualTo(30);
            assertThat(daemon).isTrue();
        }
    }
}
