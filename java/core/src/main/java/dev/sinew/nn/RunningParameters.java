package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.RunningStatistics;
import java.util.ArrayList;
import java.util.List;

/** The parameters of normalisation with running statistics, by PyTorch's names. */
final class RunningParameters {
    private static final String BATCHES = "num_batches_tracked";

    private RunningParameters() {}

    static void check(String kind, double eps, double momentum) {
        Layers.eps(kind, eps);
        if (momentum < 0 || momentum > 1) {
            throw new IllegalArgumentException(kind + ": momentum must be in [0, 1], or AVERAGE, not " + momentum);
        }
    }

    static List<ParameterSpec> of(Shape channels, boolean affine, boolean tracked, double momentum) {
        List<ParameterSpec> all = new ArrayList<>(affine ? Layers.affine(channels, true) : List.of());
        if (tracked) {
            all.add(new ParameterSpec("running_mean", channels, new Initializer.Constant(0), false));
            all.add(new ParameterSpec("running_var", channels, new Initializer.Constant(1), false));
        }
        if (tracked && Double.isNaN(momentum)) {
            all.add(new ParameterSpec(BATCHES, Shape.scalar(), new Initializer.Constant(0), false));
        }
        return all;
    }

    static Tensor weight(Layer.Context context, boolean affine) {
        return affine ? context.parameter("weight") : null;
    }

    static Tensor bias(Layer.Context context, boolean affine) {
        return affine ? context.parameter("bias") : null;
    }

    static RunningStatistics statistics(Layer.Context context, double momentum) {
        Tensor mean = context.parameter("running_mean");
        Tensor variance = context.parameter("running_var");
        return Double.isNaN(momentum) ? RunningStatistics.average(mean, variance, context.parameter(BATCHES))
                : RunningStatistics.of(mean, variance, momentum);
    }
}
