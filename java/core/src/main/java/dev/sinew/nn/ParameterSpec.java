package dev.sinew.nn;

import dev.sinew.Shape;

/**
 * A parameter that a layer declares.
 *
 * @param name within the layer, such as {@code weight}
 * @param shape its shape
 * @param initializer how its first values are made
 * @param trainable whether the optimiser changes it; running statistics are not trainable
 */
public record ParameterSpec(String name, Shape shape, Initializer initializer, boolean trainable) {
    /** A trainable parameter. */
    public static ParameterSpec of(String name, Shape shape, Initializer initializer) {
        return new ParameterSpec(name, shape, initializer, true);
    }
}
