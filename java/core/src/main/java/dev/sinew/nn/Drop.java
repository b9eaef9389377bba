package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;

/**
 * Inverted dropout (Srivastava et al. 2014): in training each element is 0 with probability p and divided by 1 - p
 * otherwise; the identity in inference.
 *
 * @param p the probability to drop, 0 to 1
 */
public record Drop(double p) implements Layer {
    /** Checks the probability. */
    public Drop {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: p must be in [0, 1], not " + p);
        }
    }

    @Override
    public String kind() {
        return "dropout";
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return context.training() && p > 0 ? x.dropout(p, context.seed(), context.step()) : x;
    }
}
