package dev.sinew.nn;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.op.Binary;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A layer with several inputs, for nets that are graphs. Shapes are those of one sample, as in {@link Layer}. */
public interface Join extends Layer {
    /**
     * The shape of one sample of the output.
     *
     * @throws IllegalArgumentException naming the layer, the shapes and what does not fit
     */
    Shape output(List<Shape> inputs);

    /** The parameters for those inputs, in a fixed order. */
    default List<ParameterSpec> parameters(List<Shape> inputs) {
        return List.of();
    }

    /** Applies the layer to a batch of each input. */
    Tensor apply(Context context, List<Tensor> inputs);

    /** How the output's size follows from the inputs'; empty when it is the same. */
    default String sizeFormula(List<Shape> inputs) {
        return "";
    }

    /** How the number of parameters comes about; empty when there are none. */
    default String parameterFormula(List<Shape> inputs) {
        return "";
    }

    @Override
    default Shape output(Shape input) {
        return output(List.of(input));
    }

    @Override
    default List<ParameterSpec> parameters(Shape input) {
        return parameters(List.of(input));
    }

    @Override
    default Tensor apply(Context context, Tensor x) {
        return apply(context, List.of(x));
    }

    @Override
    default String sizeFormula(Shape input) {
        return sizeFormula(List.of(input));
    }

    @Override
    default String parameterFormula(Shape input) {
        return parameterFormula(List.of(input));
    }

    /** One after the other along a dimension of the sample: 0 is that of the channels. */
    static Concat concat(int dim) {
        return new Concat(dim);
    }

    /** The sum of inputs of one shape. */
    static Pairwise add() {
        return new Pairwise(Binary.Kind.ADD, Broadcast.NO);
    }

    /** The product, element by element, of inputs of one shape. */
    static Pairwise multiply() {
        return new Pairwise(Binary.Kind.MUL, Broadcast.NO);
    }

    /**
     * Any function of batches by operations on tensors; no parameters. What it does to each sample must not depend on the
     * others' number.
     *
     * @param kind the word for names and summaries
     */
    static Composed of(String kind, Function<List<Tensor>, Tensor> function) {
        return new Composed(kind, function);
    }

    /** See {@link Join#concat}. */
    record Concat(int dim) implements Join {
        /** Checks the number. */
        public Concat {
            if (dim < 0) {
                throw new IllegalArgumentException("concat: the dimension of the sample must not be negative, not " + dim);
            }
        }

        @Override
        public String kind() {
            return "concat";
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape first = inputs.getFirst();
            long sum = 0;
            for (Shape shape : inputs) {
                if (dim >= shape.rank() || shape.rank() != first.rank() || !shape.with(dim, first.dim(dim)).equals(first)) {
                    throw new IllegalArgumentException("concat: the inputs " + inputs + " must be equal but for dimension " + dim);
                }
                sum += shape.dim(dim);
            }
            return first.with(dim, sum);
        }

        @Override
        public Tensor apply(Context context, List<Tensor> inputs) {
            return Tensor.concat(dim + 1, inputs.toArray(Tensor[]::new));
        }

        @Override
        public String sizeFormula(List<Shape> inputs) {
            return inputs.stream().map(shape -> Long.toString(shape.dim(dim))).collect(Collectors.joining(" + ")) + " = "
                    + output(inputs).dim(dim);
        }
    }

    /**
     * An operation on pairs of elements, applied from the left to the right.
     *
     * @param operation which
     * @param broadcasting whether dimensions of size 1 are repeated, as a gate of [C, 1, 1] on an image [C, H, W]
     */
    record Pairwise(Binary.Kind operation, Broadcast broadcasting) implements Join {
        /** Checks the arguments. */
        public Pairwise {
            Objects.requireNonNull(operation, "operation");
            Objects.requireNonNull(broadcasting, "broadcasting");
        }

        /** The same with broadcasting. */
        public Pairwise broadcast() {
            return new Pairwise(operation, Broadcast.YES);
        }

        private Binary op() {
            return new Binary(operation, broadcasting);
        }

        @Override
        public String kind() {
            return op().name();
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape shape = inputs.getFirst();
            for (Shape other : inputs.subList(1, inputs.size())) {
                if (other.rank() != shape.rank()) {
                    throw new IllegalArgumentException(kind() + ": the inputs " + inputs + " must have one rank");
                }
                shape = op().outputs(List.of(Spec.of(DType.F32, shape), Spec.of(DType.F32, other))).getFirst().shape();
            }
            return shape;
        }

        @Override
        public Tensor apply(Context context, List<Tensor> inputs) {
            return inputs.stream().reduce((a, b) -> Ops.apply(op(), a, b)).orElseThrow();
        }
    }

    /** See {@link Join#of}. */
    record Composed(String kind, Function<List<Tensor>, Tensor> function) implements Join {
        private static final long BATCH = 2;

        /** Checks the arguments. */
        public Composed {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(function, "function");
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Graph graph = new Graph();
            List<Tensor> symbols = new ArrayList<>();
            for (Shape shape : inputs) {
                symbols.add(graph.input(kind, Spec.of(DType.F32, shape.withFirst(BATCH))));
            }
            Shape shape = function.apply(symbols).shape();
            if (shape.rank() == 0 || shape.dim(0) != BATCH) {
                throw new IllegalArgumentException(kind + ": gives " + shape + " for a batch of " + BATCH + " samples " + inputs
                        + "; the first dimension must be that of the batch");
            }
            return shape.withoutFirst();
        }

        @Override
        public Tensor apply(Context context, List<Tensor> inputs) {
            return function.apply(inputs);
        }
    }
}
