package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Indexing;
import java.util.List;

/**
 * The state of a {@link RecurrentLayer} after each sample's last step, [H], of its states at all steps, [T, H]: for a net that
 * goes on with both. A second input has the samples' numbers of steps, as that layer's; without it all have T. A sample
 * without steps gives what stands at its first one, which is 0.
 *
 * @param bothDirections whether the second half of the H values was read backwards and so ends at the first step
 */
public record LastStep(boolean bothDirections) implements Join {
    /** Of a net that reads forwards. */
    public static LastStep forwards() {
        return new LastStep(false);
    }

    /** Of a net in both directions. */
    public static LastStep bidirectional() {
        return new LastStep(true);
    }

    @Override
    public String kind() {
        return "laststep";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        Layers.lengths(kind(), inputs);
        Shape steps = inputs.getFirst();
        if (steps.rank() != 2) {
            throw Layers.rank(kind(), steps, 2, "[steps, states]");
        }
        if (bothDirections && steps.dim(1) % 2 != 0) {
            throw new IllegalArgumentException("laststep: the states of both directions must be an even number, not " + steps.dim(1));
        }
        return Shape.of(steps.dim(1));
    }

    @Override
    public Tensor apply(Context context, List<Tensor> inputs) {
        Tensor y = inputs.getFirst();
        long batch = y.shape().dim(0);
        long width = y.shape().dim(2);
        long ahead = bothDirections ? width / 2 : width;
        Tensor last = at(y.slice(2, 0, ahead), inputs);
        return bothDirections ? Tensor.concat(1, last, y.slice(1, 0, 1).slice(2, ahead, ahead).reshape(batch, ahead)) : last;
    }

    /** [N, H] of y [N, T, H]. */
    private static Tensor at(Tensor y, List<Tensor> inputs) {
        long batch = y.shape().dim(0);
        long width = y.shape().dim(2);
        if (inputs.size() == 1) {
            return y.slice(1, y.shape().dim(1) - 1, 1).reshape(batch, width);
        }
        Tensor index = inputs.get(1).reshape(batch, 1, 1).cast(DType.F32).sub(1).relu().cast(DType.I32);
        return Indexing.gather(y, 1, index.broadcastTo(batch, 1, width)).reshape(batch, width);
    }

    @Override
    public String sizeFormula(List<Shape> inputs) {
        return "the last of " + inputs.getFirst().dim(0) + " steps";
    }
}
