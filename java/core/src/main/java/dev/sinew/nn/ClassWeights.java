package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.List;

/** The weights of a loss's classes. */
final class ClassWeights {
    private ClassWeights() {}

    static List<Float> of(float... perClass) {
        Float[] boxed = new Float[perClass.length];
        Arrays.setAll(boxed, i -> perClass[i]);
        return List.of(boxed);
    }

    static List<Float> checked(String loss, List<Float> weights) {
        for (float w : weights) {
            if (!(w >= 0) || Float.isInfinite(w)) {
                throw new IllegalArgumentException(loss + ": class weights must be finite and not negative, not " + weights);
            }
        }
        return List.copyOf(weights);
    }

    /** [K], null without weights. */
    static Tensor tensor(List<Float> weights, DType dtype) {
        return weights.isEmpty() ? null : Tensor.of(weights.stream().mapToDouble(Float::doubleValue).toArray(), weights.size()).cast(dtype);
    }
}
