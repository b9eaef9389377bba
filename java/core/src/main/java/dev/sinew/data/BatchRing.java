package dev.sinew.data;

import dev.sinew.internal.Owner;
import java.util.Arrays;

/**
 * The memory of a few batches that threads fill in their order and one thread reads. It knows nothing of the {@link Batches}
 * in front of it, so that one that is forgotten can be collected, and its threads ended.
 */
final class BatchRing {
    private final Batches.Setup setup;
    private final Owner owner;
    private final BatchSlot[] slots;
    private final Thread[] threads;
    private final long batchesPerEpoch;
    /** How many batches are made in all. */
    private final long last;

    // guarded by this
    /** Batches given to threads to fill, from 0. */
    private long begun;
    /** Batches that have been filled, all before included. */
    private long filled;
    private long taken;
    private long waited;
    private boolean closed;
    private final boolean[] done;
    private long failedBatch = Long.MAX_VALUE;
    private Throwable failure;

    /** Guards what follows, so that nobody who takes a batch waits for an order to be made. */
    private final Object orders = new Object();
    private long orderEpoch = -1;
    private int[] order;

    BatchRing(Batches.Setup setup) {
        this.setup = setup;
        batchesPerEpoch = setup.batchesPerEpoch();
        long left = Math.max(0, setup.epochs - setup.firstEpoch);
        // beyond any count when it goes on for ever
        last = left > Long.MAX_VALUE / batchesPerEpoch ? Long.MAX_VALUE : Math.max(0, left * batchesPerEpoch - setup.firstBatch);
        // one that is being read, one that is ready, one for each thread to fill
        slots = new BatchSlot[2 + setup.workers];
        done = new boolean[slots.length];
        owner = Owner.closeable("a data set's Batches");
        try {
            for (int i = 0; i < slots.length; i++) {
                slots[i] = new BatchSlot(owner, setup.data, (int) Math.min(setup.batchSize, setup.samples()));
            }
        } catch (Throwable e) {
            owner.close();
            throw e;
        }
        threads = new Thread[setup.workers];
        Arrays.setAll(threads, i -> Thread.ofPlatform().daemon().name("sinew-batches-" + i).unstarted(this::produce));
    }

    void start() {
        for (Thread thread : threads) {
            thread.start();
        }
    }

    /** The next batch, null at the end. */
    synchronized Batch next() {
        long began = 0;
        while (!closed && taken == filled && taken < last && taken < failedBatch) {
            began = began == 0 ? System.nanoTime() : began;
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("batches: interrupted while waiting for a batch", e);
            }
        }
        waited += began == 0 ? 0 : System.nanoTime() - began;
        if (closed) {
            throw new IllegalStateException("batches: closed");
        }
        if (taken < filled) {
            Batch batch = slots[(int) (taken % slots.length)].batch();
            taken++;
            notifyAll();
            return batch;
        }
        if (taken == failedBatch) {
            throw new IllegalStateException(failure.getMessage(), failure.getCause());
        }
        return null;
    }

    synchronized long waited() {
        return waited;
    }

    /** Ends the threads after the samples that they are reading. */
    synchronized void stop() {
        closed = true;
        notifyAll();
    }

    /** Waits for the threads, not longer than that, and frees the memory. */
    void close(long millis) {
        stop();
        long end = System.nanoTime() + millis * 1_000_000;
        try {
            for (Thread thread : threads) {
                // not interrupted: that would close a file channel that the data set reads from. One that hangs is left
                // behind: its thread is a daemon, and the buffers it holds refuse it once they are freed.
                long left = (end - System.nanoTime()) / 1_000_000;
                if (Thread.currentThread() != thread && left > 0) {
                    thread.join(left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        owner.close();
    }

    // ---- the threads ----

    private void produce() {
        long number = -1;
        try {
            for (number = claim(); number >= 0; number = claim()) {
                long epoch = setup.firstEpoch + (setup.firstBatch + number) / batchesPerEpoch;
                long batch = (setup.firstBatch + number) % batchesPerEpoch;
                int[] samples = order(epoch);
                long from = batch * setup.batchSize;
                slots[(int) (number % slots.length)].fill(epoch, batch, samples, from, (int) Math.min(setup.batchSize, setup.samples() - from));
                publish(number);
            }
        } catch (BatchSlot.SampleException e) {
            fail(number, e);
        } catch (Throwable e) {
            fail(number, new IllegalStateException("batches: " + e, e));
        }
    }

    /** The next batch to fill, when its memory is free; -1 when there is nothing more to do. */
    private synchronized long claim() throws InterruptedException {
        // batch number taken - 1 is still being read
        while (!closed && begun < last && failure == null && begun - Math.max(0, taken - 1) >= slots.length) {
            wait();
        }
        return closed || begun >= last || failure != null ? -1 : begun++;
    }

    /** The samples of an epoch in their order; null when that is the data set's own. */
    private int[] order(long epoch) {
        if (setup.sampler == null) {
            return null;
        }
        synchronized (orders) {
            if (epoch == orderEpoch) {
                return order;
            }
            int[] now = setup.sampler.order(epoch);
            check(now);
            if (epoch > orderEpoch) {
                orderEpoch = epoch;
                order = now;
            }
            return now;
        }
    }

    private void check(int[] samples) {
        if (samples.length != setup.samples()) {
            throw new IllegalStateException("the sampler gives " + samples.length + " samples for an epoch instead of " + setup.samples());
        }
        long size = setup.data.size();
        for (int sample : samples) {
            if (sample < 0 || sample >= size) {
                throw new IllegalStateException("the sampler gives sample " + sample + ", there are " + size);
            }
        }
    }

    private synchronized void publish(long number) {
        done[(int) (number % slots.length)] = true;
        while (filled < begun && done[(int) (filled % slots.length)]) {
            done[(int) (filled % slots.length)] = false;
            filled++;
        }
        notifyAll();
    }

    /** The first of the failures counts, and shows when the batches before it have been taken. */
    private synchronized void fail(long number, Throwable reason) {
        if (number < failedBatch) {
            failedBatch = number;
            failure = reason;
        }
        notifyAll();
    }
}
