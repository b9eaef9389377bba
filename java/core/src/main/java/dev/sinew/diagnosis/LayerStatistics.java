package dev.sinew.diagnosis;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.Unary;
import dev.sinew.train.TrainingListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Looks at every layer now and then during a training: what its outputs are like, which ReLU units are dead, how large the
 * gradients are and how far a step moves the parameters.
 *
 * {@snippet :
 * Trainer.of(net, loss, optimizer).listener(LayerStatistics.of(net, loss, 100, System.out::println))...
 * }
 *
 * <p>Nothing of this happens in the step itself: every k-th batch goes through a copy of the net once more, operation by
 * operation, which costs about two to four steps, and the parameters are copied before. The other steps cost nothing. The
 * training's results do not change.
 */
public final class LayerStatistics implements TrainingListener {
    private final Network network;
    private final Objective objective;
    private final long every;
    private final Consumer<Observation> consumer;
    private Replay replay;

    /**
     * The output of a layer for one batch, in training mode.
     *
     * @param name of the layer
     * @param values of the output
     * @param dead of a layer that ends with a ReLU the share of units that are 0 for the whole batch, a unit being a channel
     *     of an image or an element; NaN for others
     */
    public record Layer(String name, Statistics values, double dead) {}

    /**
     * A parameter in one step.
     *
     * @param name of the parameter
     * @param norm the root of the sum of squares before the step
     * @param gradientNorm likewise of its gradient
     * @param updateRatio the norm of the step's change divided by {@code norm}: about 0.001 is usual; NaN where no step was seen
     */
    public record Parameter(String name, double norm, double gradientNorm, double updateRatio) {}

    /**
     * What was seen in one step.
     *
     * @param step its number
     * @param loss of the batch
     * @param layers in the order of the net
     * @param parameters those that are trained
     */
    public record Observation(long step, double loss, List<Layer> layers, List<Parameter> parameters) {
        /** Two tables. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "step %d, loss %.5g%n", step, loss));
            int width = 9;
            for (Layer layer : layers) {
                width = Math.max(width, layer.name.length());
            }
            for (Parameter p : parameters) {
                width = Math.max(width, p.name.length());
            }
            String form = "%-" + width + "s %10s %10s %10s %10s %6s%n";
            text.append(String.format(Locale.ROOT, form, "layer", "mean", "deviation", "min", "max", "dead"));
            for (Layer layer : layers) {
                Statistics v = layer.values;
                text.append(String.format(Locale.ROOT, form, layer.name, number(v.mean()), number(v.deviation()), number(v.min()),
                        number(v.max()), Double.isNaN(layer.dead) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * layer.dead)));
            }
            form = "%-" + width + "s %10s %10s %10s%n";
            text.append(String.format(Locale.ROOT, form, "parameter", "norm", "gradient", "update"));
            for (Parameter p : parameters) {
                text.append(String.format(Locale.ROOT, form, p.name, number(p.norm), number(p.gradientNorm), number(p.updateRatio)));
            }
            return text.toString();
        }

        private static String number(double value) {
            return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3g", value);
        }
    }

    private LayerStatistics(Network network, Objective objective, long every, Consumer<Observation> consumer) {
        this.network = Objects.requireNonNull(network, "network");
        this.objective = Objects.requireNonNull(objective, "objective");
        this.consumer = Objects.requireNonNull(consumer, "consumer");
        if (every < 1) {
            throw new IllegalArgumentException("layer statistics: the interval must be at least 1 step, not " + every);
        }
        this.every = every;
    }

    /**
     * A listener for the training of that network.
     *
     * @param every so many steps
     * @param consumer gets what was seen, on the training's thread
     */
    public static LayerStatistics of(Network network, Loss loss, long every, Consumer<Observation> consumer) {
        return of(network, Objective.of(loss), every, consumer);
    }

    /** {@link #of(Network, Loss, long, Consumer)} for any objective. */
    public static LayerStatistics of(Network network, Objective objective, long every, Consumer<Observation> consumer) {
        return new LayerStatistics(network, objective, every, consumer);
    }

    /** Looks at one batch without a training; the network is not changed. */
    public static Observation observe(Network network, Loss loss, Tensor x, Tensor target) {
        try (Replay replay = new Replay(network, Objective.of(loss))) {
            return observe(replay, network, x, target, 1, false);
        }
    }

    @Override
    public void started(Control control) {
        replay = new Replay(network, objective);
    }

    @Override
    public void step(Control control) {
        if (control.step() % every == 0) {
            consumer.accept(observe(replay, network, control.latest().input(), control.latest().target(), control.step(), true));
        }
        if ((control.step() + 1) % every == 0) {
            replay.refresh();
        }
    }

    @Override
    public void ended() {
        if (replay != null) {
            replay.close();
            replay = null;
        }
    }

    /** @param moved whether the network has made the step that begins with the copies' values */
    @SuppressWarnings("try") // the scope frees every intermediate result
    static Observation observe(Replay replay, Network network, Tensor x, Tensor target, long step, boolean moved) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        Map<String, Boolean> relu = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            Replay.Result result = replay.run(x, target, step, (node, in, out) -> {
                if (node.origin() != null && !node.origin().gradient() && out.length > 0 && out[0].dtype().isFloat()) {
                    // the last operation of a layer gives its output
                    outputs.put(node.origin().layer(), out[0]);
                    relu.put(node.origin().layer(), node.op() instanceof Unary u && u.kind() == Unary.Kind.RELU);
                }
            });
            List<Layer> layers = new ArrayList<>();
            outputs.forEach((name, y) -> layers.add(new Layer(name, Statistics.of(y), relu.get(name) ? dead(y) : Double.NaN)));
            List<Parameter> parameters = new ArrayList<>();
            result.gradients().forEach((name, gradient) -> {
                double[] before = replay.copy(name).toDoubles();
                double norm = norm(before);
                parameters.add(new Parameter(name, norm, norm(gradient.toDoubles()),
                        moved && norm > 0 ? distance(network.parameter(name).toDoubles(), before) / norm : Double.NaN));
            });
            return new Observation(step, result.loss().item(), List.copyOf(layers), List.copyOf(parameters));
        }
    }

    /** The share of channels, or elements of a sample without channels, that are 0 for the whole batch. */
    private static double dead(Tensor y) {
        double[] values = y.toDoubles();
        int samples = (int) y.shape().dim(0);
        int units = y.shape().rank() < 2 ? 1 : (int) y.shape().dim(1);
        int each = values.length / samples / units;
        boolean[] alive = new boolean[units];
        for (int i = 0; i < values.length; i++) {
            alive[i / each % units] |= !(values[i] == 0);
        }
        int dead = 0;
        for (boolean one : alive) {
            dead += one ? 0 : 1;
        }
        return (double) dead / units;
    }

    private static double norm(double[] values) {
        return distance(values, new double[values.length]);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
