package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Dropouts;

/**
 * Spatial dropout (Dropout1d, 2d, 3d; Tompson et al. 2015): in training whole channels of [C, ...] are 0 with probability p, the
 * others divided by 1 - p; the identity in inference.
 *
 * @param p the probability to drop, 0 to 1
 */
public record DropChannels(double p) implements Layer {
    /** Checks the probability. */
    public DropChannels {
        Layers.probability("dropchannels", p);
    }

    @Override
    public String kind() {
        return "dropchannels";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial("dropchannels", input);
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return context.training() && p > 0 ? Dropouts.channels(x, p, context.seed(), context.step()) : x;
    }
}
