package dev.sinew.data;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Mini-batches of a data set, assembled ahead by threads of their own into memory outside the Java heap that is used over
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
    private static final long CLOSE_MILLIS = 5_000;
    private static final int MOST_WORKERS = 256;
    private static final Cleaner CLEANER = Cleaner.create();

    private final BatchRing ring;
    private final long batchesPerEpoch;

    private Batches(Setup setup) {
        batchesPerEpoch = setup.batchesPerEpoch();
        ring = new BatchRing(setup);
        // for those who forget to close: the threads end, and then nothing holds the memory
        CLEANER.register(this, ring::stop);
        ring.start();
    }

    /** What to make batches of; {@link Setup#open} begins. Without more ado: in order, one epoch. */
    public static Setup of(Dataset data, int batchSize) {
        return new Setup(data, batchSize);
    }

    /**
     * Throws unless so many threads may make batches, see {@link Setup#workers}.
     *
     * @throws IllegalArgumentException when they are fewer than 1 or more than 256
     */
    public static void checkWorkers(int threads) {
        if (threads < 1 || threads > MOST_WORKERS) {
            throw new IllegalArgumentException("batches: needs 1 to " + MOST_WORKERS + " threads, not " + threads);
        }
    }

    /** Batches to be made. Every method returns the same object, changed. */
    public static final class Setup {
        final Dataset data;
        final int batchSize;
        /** Null: in the data set's own order. */
        Sampler sampler;
        int workers = 1;
        long epochs = 1;
        long firstEpoch;
        long firstBatch;
        private final long size;
        private boolean dropLast;

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
            sampler = other.sampler;
            workers = other.workers;
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
            return sampled(Sampler.shuffled((int) size, seed));
        }

        /** The samples that it chooses, in its order. */
        public Setup sampled(Sampler chosen) {
            if (chosen.size() < 1) {
                throw new IllegalArgumentException("batches: the sampler gives " + chosen.size() + " samples for an epoch");
            }
            sampler = chosen;
            return this;
        }

        /**
         * Made by so many threads; 1 unless set. The batches are the same for any number; the data set must be one that
         * several threads can read from, and there is memory for two batches more than threads.
         */
        public Setup workers(int threads) {
            checkWorkers(threads);
            workers = threads;
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
            if (samples() < batchSize) {
                throw new IllegalArgumentException("batches: " + samples() + " samples do not fill a batch of " + batchSize + ", and dropLast leaves nothing");
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
            return samples() / batchSize + (dropLast || samples() % batchSize == 0 ? 0 : 1);
        }

        /** The number of samples of an epoch. */
        public long samples() {
            return sampler == null ? size : sampler.size();
        }

        /** Allocates the memory and begins to fill it. */
        public Batches open() {
            if (firstBatch > batchesPerEpoch()) {
                throw new IllegalArgumentException("batches: cannot begin at batch " + firstBatch + " of " + batchesPerEpoch() + " in an epoch");
            }
            if (batchesPerEpoch() == 0) {
                throw new IllegalArgumentException("batches: " + samples() + " samples do not fill a batch of " + batchSize + ", and dropLast leaves nothing");
            }
            return new Batches(new Setup(this));
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
    public Batch next() {
        try {
            return ring.next();
        } finally {
            // not collected, and so stopped, while it waits
            Reference.reachabilityFence(this);
        }
    }

    /** Seconds for which {@link #next} had to wait so far, because batches are used faster than they are made. */
    public double waitedSeconds() {
        return ring.waited() / 1e9;
    }

    /**
     * Stops and frees the memory: tensors of batches cannot be used any more. Waits, not longer than a few seconds, for the
     * data set to return from the samples that are being read. Closing again does nothing. Batches that are never closed end
     * their threads when they are collected.
     *
     * @throws IllegalStateException when an operation is running on a batch; call again when it has ended
     */
    @Override
    public void close() {
        ring.close(CLOSE_MILLIS);
    }
}
