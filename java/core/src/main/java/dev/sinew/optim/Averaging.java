package dev.sinew.optim;

/** An average of the weights over the updates, which often generalises better than the weights themselves. */
public sealed interface Averaging {
    /**
     * How much of the average is kept at an update; the new weights have the rest. Before the first update it is the weights.
     *
     * @param update the number of the update, from 1
     * @param updatesPerEpoch updates in an epoch
     */
    double kept(long update, long updatesPerEpoch);

    /** average = decay average + (1 - decay) weights after every update (Polyak, Juditsky 1992). */
    static Exponential exponential(double decay) {
        return new Exponential(decay, false);
    }

    /** The mean of the weights at the ends of the epochs from one on, counted from 1 (SWA: Izmailov et al. 2018). */
    static Averaging stochastic(long fromEpoch) {
        return new Stochastic(fromEpoch);
    }

    /**
     * See {@link Averaging#exponential}.
     *
     * @param decay [0, 1)
     * @param warmUp whether update t has the decay min(decay, t / (9 + t)) instead, which forgets the first weights sooner
     */
    record Exponential(double decay, boolean warmUp) implements Averaging {
        /** Checks the decay. */
        public Exponential {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("averaging: the decay must be at least 0 and below 1, not " + decay);
            }
        }

        /** With a decay that grows at first. */
        public Exponential withWarmUp() {
            return new Exponential(decay, true);
        }

        @Override
        public double kept(long update, long updatesPerEpoch) {
            return warmUp ? Math.min(decay, update / (9.0 + update)) : decay;
        }
    }

    /**
     * See {@link Averaging#stochastic}.
     *
     * @param fromEpoch at least 1; before, the average is the weights of the last epoch's end
     */
    record Stochastic(long fromEpoch) implements Averaging {
        /** Checks the epoch. */
        public Stochastic {
            if (fromEpoch < 1) {
                throw new IllegalArgumentException("averaging: the first epoch must be at least 1, not " + fromEpoch);
            }
        }

        @Override
        public double kept(long update, long updatesPerEpoch) {
            if (update % updatesPerEpoch != 0) {
                return 1;
            }
            long before = Math.max(0, update / updatesPerEpoch - fromEpoch);
            return before / (before + 1.0);
        }
    }
}
