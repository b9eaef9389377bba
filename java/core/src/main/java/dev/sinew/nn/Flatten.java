package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;

/** [C, H, W] to [C H W]. */
public record Flatten() implements Layer {
    @Override
    public String kind() {
        return "flatten";
    }

    @Override
    public Shape output(Shape input) {
        return Shape.of(input.count());
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return x.flatten();
    }
}
