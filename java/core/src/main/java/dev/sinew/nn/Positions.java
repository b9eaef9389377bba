package dev.sinew.nn;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Attention;

/** Adds the positions of the steps of a sample [T, E] as sines and cosines; see {@link Attention#positions}. */
public record Positions() implements Layer {
    @Override
    public String kind() {
        return "positions";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 2) {
            throw Layers.rank("positions", input, 2, "[steps, features]");
        }
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        long steps = x.shape().dim(1);
        long width = x.shape().dim(2);
        // a graph that captures them may outlive the scope
        Tensor positions = x.isSymbolic() ? Scope.outside(() -> Attention.positions(steps, width, x.dtype()))
                : Attention.positions(steps, width, x.dtype());
        return x.add(positions, Broadcast.YES);
    }
}
