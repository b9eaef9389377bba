package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.List;

/**
 * A layer made of others: a part of a net under one name. In a net its layers stand one by one, with the block's name in
 * front of theirs, such as {@code residual1.body.conv1}.
 *
 * {@snippet :
 * record Inception(long one, long three, long pool) implements Block {
 *     public String kind() { return "inception"; }
 *     public Value build(Value x) {
 *         return x.conv(one, 1).relu().concat(x.conv(three, 3, 1).relu(), x.maxPool(Window2d.of(3).stride(1).pad(1)).conv(pool, 1).relu());
 *     }
 * }
 * }
 */
public interface Block extends Layer {
    /**
     * Puts the layers after a value; what the net goes on with.
     *
     * @throws IllegalArgumentException naming the layer, the shape and what does not fit
     */
    Value build(Value x);

    /** The block as a net of its own. */
    default Architecture architecture(Shape input) {
        GraphBuilder graph = new GraphBuilder();
        graph.output(build(graph.input(input.dims())));
        return graph.architecture();
    }

    @Override
    default Shape output(Shape input) {
        return architecture(input).output();
    }

    @Override
    default List<ParameterSpec> parameters(Shape input) {
        return architecture(input).parameters();
    }

    @Override
    default Tensor apply(Context context, Tensor x) {
        return architecture(x.shape().withoutFirst()).apply(context, x);
    }

    @Override
    default String parameterFormula(Shape input) {
        return architecture(input).parameterFormula();
    }
}
