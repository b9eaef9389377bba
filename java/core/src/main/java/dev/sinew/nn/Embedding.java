package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Indexing;
import java.util.List;
import java.util.Objects;

/**
 * A learned vector for each id: a sample of ids, of any shape, becomes [..., width]. A net's input is floating-point: the ids
 * are whole numbers in it, exact up to 2^24 in float32, and are cast to int32 toward zero; one outside of 0 to vocabulary - 1
 * is refused when the net runs.
 *
 * @param vocabulary how many ids
 * @param width of a vector
 * @param padding an id whose vector is not learned; -1: none
 * @param weights how the vectors begin; as in PyTorch standard normal, unless told otherwise
 */
public record Embedding(long vocabulary, long width, long padding, Initializer weights) implements Layer {
    /** Checks the numbers. */
    public Embedding {
        Layers.positive("embedding: vocabulary", vocabulary);
        Layers.positive("embedding: width", width);
        Objects.requireNonNull(weights, "weights");
        if (padding < -1 || padding >= vocabulary) {
            throw new IllegalArgumentException("embedding: the padding must be one of the ids 0 to " + (vocabulary - 1)
                    + ", or -1 for none, not " + padding);
        }
    }

    /** Without padding, standard normal at the beginning. */
    public static Embedding of(long vocabulary, long width) {
        return new Embedding(vocabulary, width, -1, new Initializer.Normal(0, 1));
    }

    /** With an id whose vector is not learned. */
    public Embedding padding(long id) {
        return new Embedding(vocabulary, width, id, weights);
    }

    @Override
    public String kind() {
        return "embedding";
    }

    @Override
    public Shape output(Shape input) {
        long[] sizes = java.util.Arrays.copyOf(input.dims(), input.rank() + 1);
        sizes[input.rank()] = width;
        return Shape.of(sizes);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return List.of(ParameterSpec.of("weight", Shape.of(vocabulary, width), weights));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Indexing.embedding(context.parameter("weight"), x.cast(DType.I32), padding);
    }

    @Override
    public String sizeFormula(Shape input) {
        return input.count() + " ids of " + width;
    }

    @Override
    public String parameterFormula(Shape input) {
        return vocabulary + " * " + width;
    }
}
