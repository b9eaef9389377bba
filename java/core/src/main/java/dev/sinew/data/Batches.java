package dev.sinew.data;

import dev.sinew.internal.Owner;
import java.util.Objects;

/**
 * Mini-batches of a data set, assembled ahead by a thread of their own into memory outside the Java heap that is used over
 * and over.
 *
 * {@snippet :
 * try (var batches = Batches.of(data, 128).shuffled(7).epochs(10).open()) {
 *     for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
 *         step(batch.input(), batch.target());
 *     }
 * }
 * }
 *
 * <p>The samples of a batch depend on the data set, the batch size, the seed, the epoch and the batch's index alone; so a
 * run that starts {@link Setup#from} some batch sees what an uninterrupted one would have seen.
 *
 * <p>One thread takes the batches. Another may {@link #close}.
 */
public final class Batches implements AutoCloseable {
    /** One that is being read, one that is ready, one that is being filled. */
    private static final int SLOTS = 3;
    private static final long CLOSE_MILLIS = 5_000;

    private final Owner owner;
    private final Thread thread;
    private final BatchSlot[] slots = new BatchSlot[SLOTS];
    private final long batchesPerEpoch;

    // guarded by this
    private long filled;
    private long taken;
    private boolean ended;
    private boolean closed;
    private Throwable failure;

    private Batches(Setup setup) {
        batchesPerEpoch = setup.batchesPerEpoch();
        owner = Owner.closeable("a data set's Batches");
        try {
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = new BatchSlot(owner, setup.data, (int) Math.min(setup.batchSize, setup.size));
            }
        } catch (Throwable e) {
            owner.close();
            throw e;
        }
        thread = Thread.ofPlatform().daemon().name("sinew-batches").unstarted(() -> produce(setup));
    }

    /** What to make batches of; {@link Setup#open} begins. Without more ado: in order, one epoch. */
    public static Setup of(Dataset data, int batchSize) {
        return new Setup(data, batchSize);
    }

    /** Batches to be made. Every method returns the same object, changed. */
    public static final class Setup {
        private final Dataset data;
        private final long size;
        private final int batchSize;
        private boolean shuffled;
        private long seed;
        private long epochs = 1;
        private boolean dropLast;
        private long firstEpoch;
        private long firstBatch;

        private Setup(Dataset data, int batchSize) {
            this.data = Objects.requireNonNull(data, "data");
            this.batchSize = batchSize;
            size = data.size();
            if (size < 1) {
                throw new IllegalArgumentException("batches: the data set has " + size + " samples");
            }
            if (batchSize < 1) {
                throw new IllegalArgumentException("batches: the batch size must be at least 1, not " + batchSize);
            }
        }

        /** A copy, so that later changes do not reach batches that are being made. */
        private Setup(Setup other) {
            data = other.data;
            size = other.size;
            batchSize = other.batchSize;
            shuffled = other.shuffled;
            seed = other.seed;
            epochs = other.epochs;
            dropLast = other.dropLast;
            firstEpoch = other.firstEpoch;
            firstBatch = other.firstBatch;
        }

        /** In an order that depends on the seed and the epoch, any number being a seed. */
        public Setup shuffled(long seed) {
            if (size > Permutation.MAX_SIZE) {
                throw new IllegalArgumentException("batches: " + size + " samples are too many to shuffle, at most " + Permutation.MAX_SIZE);
            }
            this.shuffled = true;
            this.seed = seed;
            return this;
        }

        /** Ends after epoch number {@code epochs} - 1; {@link Long#MAX_VALUE} goes on for ever. */
        public Setup epochs(long epochs) {
            if (epochs < 1) {
                throw new IllegalArgumentException("batches: needs at least 1 epoch, not " + epochs);
            }
            this.epochs = epochs;
            return this;
        }

        /** Leaves out the samples at the end of an epoch that do not fill a batch. */
        public Setup dropLast() {
            if (size < batchSize) {
                throw new IllegalArgumentException("batches: " + size + " samples do not fill a batch of " + batchSize + ", and dropLast leaves nothing");
            }
            dropLast = true;
            return this;
        }

        /**
         * Begins at that batch instead of the first one.
         *
         * @param epoch from 0
         * @param batch from 0 to the number of batches in an epoch, which stands for the first of the next epoch
         */
        public Setup from(long epoch, long batch) {
            if (epoch < 0 || batch < 0) {
                throw new IllegalArgumentException("batches: cannot begin at epoch " + epoch + ", batch " + batch);
            }
            firstEpoch = epoch;
            firstBatch = batch;
            return this;
        }

        /** How many batches an epoch has. */
        public long batchesPerEpoch() {
            return size / batchSize + (dropLast || size % batchSize == 0 ? 0 : 1);
        }

        /** Allocates the memory and begins to fill it. */
        public Batches open() {
            if (firstBatch > batchesPerEpoch()) {
                throw new IllegalArgumentException("batches: cannot begin at batch " + firstBatch + " of " + batchesPerEpoch() + " in an epoch");
            }
            Batches batches = new Batches(new Setup(this));
            batches.thread.start();
            return batches;
        }
    }

    /** How many batches an epoch has. */
    public long batchesPerEpoch() {
        return batchesPerEpoch;
    }

    /**
     * The next batch, null after the last epoch. The batch before it must not be used any more: its memory is being filled
     * again.
     *
     * @throws IllegalStateException when a sample could not be read (it names the sample), or after {@link #close}
     */
    public synchronized Batch next() {
        // a fourth batch is only begun when the one that was taken before is done with
        while (!closed && taken == filled && !ended && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("batches: interrupted while waiting for a batch", e);
            }
        }
        if (closed) {
            throw new IllegalStateException("batches: closed");
        }
        if (taken < filled) {
            Batch batch = slots[(int) (taken % SLOTS)].batch();
            taken++;
            notifyAll();
            return batch;
        }
        if (failure != null) {
            throw new IllegalStateException(failure.getMessage(), failure.getCause());
        }
        return null;
    }

    /**
     * Stops and frees the memory: tensors of batches cannot be used any more. Waits, not longer than a few seconds, for the
     * data set to return from the sample that is being read. Closing again does nothing.
     *
     * @throws IllegalStateException when an operation is running on a batch; call again when it has ended
     */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        if (Thread.currentThread() != thread) {
            try {
                // not interrupted: that would close a file channel that the data set reads from. One that hangs is left
                // behind: its thread is a daemon, and the buffers it holds refuse it once they are freed.
                thread.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        owner.close();
    }

    // ---- the thread ----

    private void produce(Setup setup) {
        try {
            int[] order = setup.shuffled ? new int[(int) setup.size] : null;
            long first = setup.firstBatch;
            for (long epoch = setup.firstEpoch; epoch < setup.epochs; epoch++) {
                if (order != null) {
                    Permutation.fill(order, setup.seed, epoch);
                }
                for (long batch = first; batch < batchesPerEpoch; batch++) {
                    BatchSlot slot = freeSlot();
                    if (slot == null) {
                        return;
                    }
                    long from = batch * setup.batchSize;
                    slot.fill(epoch, batch, order, from, (int) Math.min(setup.batchSize, setup.size - from));
                    publish();
                }
                first = 0;
            }
            end(null);
        } catch (BatchSlot.SampleException e) {
            end(e);
        } catch (Throwable e) {
            end(new IllegalStateException("batches: " + e, e));
        }
    }

    /** Waits for a slot that nobody reads; null when closed. */
    private synchronized BatchSlot freeSlot() throws InterruptedException {
        // batch number taken - 1 is still being read
        while (!closed && filled - Math.max(0, taken - 1) >= SLOTS) {
            wait();
        }
        return closed ? null : slots[(int) (filled % SLOTS)];
    }

    private synchronized void publish() {
        filled++;
        notifyAll();
    }

    private synchronized void end(Throwable reason) {
        ended = true;
        failure = reason;
        notifyAll();
    }
}
