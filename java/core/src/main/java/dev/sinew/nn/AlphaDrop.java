package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Dropouts;

/**
 * Alpha dropout for nets with SELU (Klambauer et al. 2017): keeps mean 0 and variance 1; see {@link Dropouts#alpha}. The
 * identity in inference.
 *
 * @param p the probability to drop, 0 to 1
 * @param channels whether whole channels fall (FeatureAlphaDropout)
 */
public record AlphaDrop(double p, boolean channels) implements Layer {
    /** Checks the probability. */
    public AlphaDrop {
        Layers.probability("alphadropout", p);
    }

    /** Element by element. */
    public static AlphaDrop of(double p) {
        return new AlphaDrop(p, false);
    }

    @Override
    public String kind() {
        return "alphadropout";
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        if (!context.training() || p == 0) {
            return x;
        }
        return channels ? Dropouts.alphaChannels(x, p, context.seed(), context.step()) : Dropouts.alpha(x, p, context.seed(), context.step());
    }
}
