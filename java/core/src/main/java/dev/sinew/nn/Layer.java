package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.List;

/**
 * A description of a layer: immutable, without parameters' values. Shapes here are those of one sample; tensors have the
 * batch as a first dimension.
 */
public interface Layer {
    /** A short word for names and summaries: {@code conv}, {@code dense}, ... */
    String kind();

    /**
     * The shape of one sample of the output.
     *
     * @throws IllegalArgumentException naming the layer, the shape and the formula that fails
     */
    Shape output(Shape input);

    /** The parameters for that input, in a fixed order. */
    default List<ParameterSpec> parameters(Shape input) {
        return List.of();
    }

    /** Applies the layer to a batch, with parameters and mode from the context. */
    Tensor apply(Context context, Tensor x);

    /** How the output's size follows from the input's, such as {@code (28 - 5 + 2*2)/1 + 1 = 28}; empty when it is the same. */
    default String sizeFormula(Shape input) {
        return "";
    }

    /** How the number of parameters comes about, such as {@code (5*5*1 + 1) * 6}; empty when there are none. */
    default String parameterFormula(Shape input) {
        return "";
    }

    /** What a layer sees of the net it is in. */
    interface Context {
        /** The value of a parameter that the layer declared. */
        Tensor parameter(String name);

        /** Whether this is training (batch statistics, dropout) and not inference. */
        boolean training();

        /** The number of the training step (int64 scalar): the counter of random numbers. */
        Tensor step();

        /** The layer's own seed. */
        long seed();

        /** The context of a layer inside this one. */
        Context inner(String name);
    }
}
