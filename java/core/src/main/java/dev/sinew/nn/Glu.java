package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Activations;

/** Gated linear unit over the channels: a sigmoid(b) of their first half a and second half b (Dauphin et al. 2017). */
public record Glu() implements Layer {
    @Override
    public String kind() {
        return "glu";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() == 0 || input.dim(0) % 2 != 0) {
            throw new IllegalArgumentException("glu: the number of channels must be even, the input is " + input);
        }
        return input.with(0, input.dim(0) / 2);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Activations.glu(x, 1);
    }

    @Override
    public String sizeFormula(Shape input) {
        return input.dim(0) + "/2 = " + input.dim(0) / 2;
    }
}
