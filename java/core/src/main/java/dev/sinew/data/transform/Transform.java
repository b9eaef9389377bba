package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Changes samples while they are read, see {@link dev.sinew.data.Transformed}. An implementation keeps no state, draws all its
 * random numbers from the {@link Draw} it is given, and tells in {@code toString} in words what it does.
 */
public interface Transform {
    /**
     * The shape of what comes out for samples of a shape; the same unless overridden.
     *
     * @throws IllegalArgumentException when such samples cannot be changed in this way
     */
    default Shape shape(Shape input) {
        return input;
    }

    /**
     * Changes one sample.
     *
     * @param values row-major; may be overwritten and returned
     * @param shape theirs
     * @param draw the random numbers of this sample in this epoch
     * @return values of {@link #shape}
     */
    float[] apply(float[] values, Shape shape, Draw draw);

    /**
     * Changes a mask [channels, height, width] along with its image, by the same random numbers: transforms that move pixels
     * move those of the mask alike, always to the nearest, so that no value comes out that did not go in. The others leave it.
     */
    default float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return mask;
    }
}
