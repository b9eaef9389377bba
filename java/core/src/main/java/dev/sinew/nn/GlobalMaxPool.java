package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;

/** The maximum of every channel: [C, L], [C, H, W] or [C, D, H, W] to [C]. */
public record GlobalMaxPool() implements Layer {
    @Override
    public String kind() {
        return "globalmaxpool";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial("globalmaxpool", input);
        return Shape.of(input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Pooling.globalMax(x);
    }
}
