package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.Arrays;

/**
 * Dropout that is more than element by element; {@link Tensor#dropout} is the plain one. All of these are for training.
 * What falls is a function of seed and step alone.
 */
public final class Dropouts {
    /** What SELU tends to for large negative x: minus its scale times its alpha (Klambauer et al. 2017). */
    private static final double LEAST = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717;

    private Dropouts() {}

    /**
     * Spatial dropout (dropout1d, 2d, 3d; Tompson et al. 2015): whole channels of [N, C, ...] are 0 with probability p, the others
     * divided by 1 - p.
     *
     * @param step int64 scalar, the counter of random numbers
     */
    public static Tensor channels(Tensor x, double p, long seed, Tensor step) {
        return x.mul(ones(x).dropout(p, seed, step), Broadcast.YES);
    }

    /**
     * Alpha dropout for nets with SELU (Klambauer et al. 2017, section 3): elements are set to a' = -1.7581 with probability p,
     * then everything becomes a y + b, with a = ((1 - p)(1 + p a'^2))^(-1/2) and b = -a p a', so that mean 0 and variance 1 stay.
     * With p = 1 all is 0.
     */
    public static Tensor alpha(Tensor x, double p, long seed, Tensor step) {
        check(p);
        if (p == 1) {
            return x.mul(0);
        }
        double a = scale(p);
        // dropout itself divides by 1 - p
        return x.add(-LEAST).mul(a * (1 - p)).dropout(p, seed, step).add(a * LEAST * (1 - p));
    }

    /** {@link #alpha} of whole channels of [N, C, ...] (feature_alpha_dropout). */
    public static Tensor alphaChannels(Tensor x, double p, long seed, Tensor step) {
        check(p);
        if (p == 1) {
            return x.mul(0);
        }
        double a = scale(p);
        return channels(x.add(-LEAST).mul(a * (1 - p)), p, seed, step).add(a * LEAST * (1 - p));
    }

    private static double scale(double p) {
        return 1 / Math.sqrt((1 - p) * (1 + p * LEAST * LEAST));
    }

    private static void check(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("alpha_dropout: p must be from 0 to 1, not " + p);
        }
    }

    private static Tensor ones(Tensor x) {
        if (x.shape().rank() < 2) {
            throw new IllegalArgumentException("dropout of channels: needs [N, C, ...], not " + x.shape());
        }
        long[] sizes = x.shape().dims();
        Arrays.fill(sizes, 2, sizes.length, 1);
        return Tensor.full(x.dtype(), Shape.of(sizes), 1);
    }
}
