package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Activations;

/**
 * The largest of each {@code pieces} consecutive channels (Goodfellow et al. 2013).
 *
 * @param pieces how many channels become one
 */
public record Maxout(long pieces) implements Layer {
    /** Checks the number. */
    public Maxout {
        Layers.positive("maxout: pieces", pieces);
    }

    @Override
    public String kind() {
        return "maxout";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() == 0 || input.dim(0) % pieces != 0) {
            throw new IllegalArgumentException("maxout: " + pieces + " pieces do not divide the channels of " + input);
        }
        return input.with(0, input.dim(0) / pieces);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Activations.maxout(x, 1, pieces);
    }

    @Override
    public String sizeFormula(Shape input) {
        return input.dim(0) + "/" + pieces + " = " + input.dim(0) / pieces;
    }
}
