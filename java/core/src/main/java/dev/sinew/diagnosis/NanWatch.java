package dev.sinew.diagnosis;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.graph.Node;
import dev.sinew.graph.Origin;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.Binary;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import dev.sinew.op.UnaryGradient;
import dev.sinew.train.TrainingListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out where the first NaN or infinity of a training comes from: the operation, its layer, whether it is part of the
 * result or of the gradient, and what went in.
 *
 * <p>As a listener of a training ({@link dev.sinew.train.Trainer#watchNan}) it copies the parameters before every step and
 * looks at loss and parameters after it: about the cost of one more optimiser update. When one is not finite the step is
 * repeated from the copy, operation by operation, and the training ends with a {@link NotFiniteException}. Weights keep what
 * the step made of them.
 */
public final class NanWatch implements TrainingListener {
    /** The largest x for which e^x is a float32. */
    private static final double LARGEST_EXPONENT = Math.log(Float.MAX_VALUE);

    private final Network network;
    private final Objective objective;
    private Replay before;

    /**
     * Where a NaN or an infinity first came up.
     *
     * @param what the operation with the shapes of its inputs, or which data or parameter
     * @param origin the layer; null outside of layers, such as in the loss
     * @param inputs what went into the operation, by number or the name of a parameter
     * @param output what came out
     * @param hint what that means, in words; may be empty
     */
    public record Finding(String what, Origin origin, List<Input> inputs, Statistics output, String hint) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(what);
            if (origin != null) {
                text.append(" of ").append(origin.gradient() ? "the gradient of layer " : "layer ").append(origin.layer());
            }
            text.append(inputs.isEmpty() ? ": " : " gave ").append(output);
            for (Input input : inputs) {
                text.append(System.lineSeparator()).append("  ").append(input.name()).append(": ").append(input.values());
            }
            return hint.isEmpty() ? text.toString() : text + System.lineSeparator() + "  " + hint;
        }
    }

    /** What went into an operation. */
    public record Input(String name, Statistics values) {}

    private NanWatch(Network network, Objective objective) {
        this.network = Objects.requireNonNull(network, "network");
        this.objective = Objects.requireNonNull(objective, "objective");
    }

    /** A listener for the training of that network. */
    public static NanWatch of(Network network, Loss loss) {
        return of(network, Objective.of(loss));
    }

    /** A listener for the training of that network. */
    public static NanWatch of(Network network, Objective objective) {
        return new NanWatch(network, objective);
    }

    /**
     * Looks for NaN and infinity in one training step, without the optimiser's update. The network is not changed.
     *
     * @param x a batch
     * @param target what the loss asks for
     * @param step the number of the step, which dropout's random numbers depend on
     * @return where the first came from; empty when loss and gradients are finite
     */
    public static Optional<Finding> find(Network network, Loss loss, Tensor x, Tensor target, long step) {
        try (Replay replay = new Replay(network, Objective.of(loss))) {
            return find(replay, x, target, step);
        }
    }

    @Override
    public void started(Control control) {
        before = new Replay(network, objective);
    }

    @Override
    public void step(Control control) {
        boolean lossIsFinite = Double.isFinite(control.loss());
        if (lossIsFinite && isFinite(network)) {
            before.refresh();
            return;
        }
        Batch batch = control.latest();
        Finding finding = find(before, batch.input(), batch.target(), control.step()).orElse(null);
        String what = "step " + control.step() + " of the training made " + (lossIsFinite ? "parameters that are not finite" : "a loss of " + control.loss());
        throw new NotFiniteException(what + (finding != null ? "; the first such value: " + finding
                : lossIsFinite ? ": loss and gradients were finite, the optimiser's update with learning rate " + control.rate() + " was not"
                : "; repeated operation by operation, the step does not"), finding);
    }

    /** Whether all trainable parameters are finite: then 0 times them is 0. */
    @SuppressWarnings("try") // the scope frees what is computed
    private static boolean isFinite(Network network) {
        if (network.flat() == null) {
            return true;
        }
        try (Scope scope = Scope.open()) {
            return network.flat().mul(0).sum().item() == 0;
        }
    }

    @Override
    public void ended() {
        if (before != null) {
            before.close();
            before = null;
        }
    }

    @SuppressWarnings("try") // the scope frees every intermediate result
    private static Optional<Finding> find(Replay replay, Tensor x, Tensor target, long step) {
        Map<String, Tensor> given = new LinkedHashMap<>();
        given.put("the data", x);
        given.put("the targets", target);
        replay.copies().forEach((name, value) -> given.put("the parameter " + name, value));
        for (Map.Entry<String, Tensor> one : given.entrySet()) {
            Statistics values = Statistics.of(one.getValue());
            if (!values.isFinite()) {
                return Optional.of(new Finding(one.getKey(), null, List.of(), values, firstPlace(one.getValue())));
            }
        }
        try (Scope scope = Scope.open()) {
            Map<Tensor, Applied> makers = new IdentityHashMap<>();
            Replay.Result result = replay.run(x, target, step, (node, in, out) -> {
                Applied applied = new Applied(node, in, out);
                for (Tensor y : out) {
                    makers.put(y, applied);
                }
            });
            List<Tensor> results = new ArrayList<>(result.gradients().values());
            results.add(result.loss());
            return origin(results, makers).map(applied -> finding(applied, replay));
        }
    }

    private static String firstPlace(Tensor tensor) {
        double[] values = tensor.toDoubles();
        int i = 0;
        while (Double.isFinite(values[i])) {
            i++;
        }
        long sample = tensor.shape().rank() == 0 ? 0 : i / (tensor.shape().count() / tensor.shape().dim(0));
        return "The first is at index " + i + ", which is in row " + sample + " of " + tensor.spec() + ".";
    }

    /** An operation with its values. */
    private record Applied(Node node, Tensor[] inputs, Tensor[] outputs) {}

    /**
     * The earliest operation that made a value that is not finite of finite ones, among those on which such a result depends
     * by other such values. (A mask may hold infinities that nothing suffers from.)
     */
    private static Optional<Applied> origin(List<Tensor> results, Map<Tensor, Applied> makers) {
        Deque<Applied> open = new ArrayDeque<>();
        Set<Applied> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        results.stream().filter(y -> makers.containsKey(y) && isBad(y)).map(makers::get).forEach(open::push);
        Applied first = null;
        while (!open.isEmpty()) {
            Applied applied = open.pop();
            if (!seen.add(applied)) {
                continue;
            }
            boolean inherited = false;
            for (Tensor input : applied.inputs) {
                if (makers.containsKey(input) && isBad(input)) {
                    inherited = true;
                    open.push(makers.get(input));
                }
            }
            first = !inherited && (first == null || applied.node.id() < first.node.id()) ? applied : first;
        }
        return Optional.ofNullable(first);
    }

    private static boolean isBad(Tensor tensor) {
        return tensor.dtype().isFloat() && !Statistics.of(tensor).isFinite();
    }

    private static Finding finding(Applied applied, Replay replay) {
        List<Input> inputs = new ArrayList<>();
        for (Tensor input : applied.inputs) {
            inputs.add(new Input(name(input, inputs.size(), replay), Statistics.of(input)));
        }
        Statistics output = null;
        for (Tensor y : applied.outputs) {
            output = output == null && isBad(y) ? Statistics.of(y) : output;
        }
        Op op = applied.node.op();
        return new Finding(Ops.describe(op, Ops.specs(applied.inputs)), applied.node.origin(), inputs, output, hint(op, inputs, output));
    }

    private static String name(Tensor input, int i, Replay replay) {
        return replay.copies().entrySet().stream().filter(p -> p.getValue() == input).map(Map.Entry::getKey).findFirst().orElse("input " + i);
    }

    private static String hint(Op op, List<Input> inputs, Statistics output) {
        Statistics x = inputs.getFirst().values();
        Statistics last = inputs.getLast().values();
        return switch (op) {
            case Unary u when u.kind() == Unary.Kind.LOG && x.min() < 0 -> "The logarithm of a negative number is NaN.";
            case Unary u when u.kind() == Unary.Kind.LOG -> "The logarithm of 0 is minus infinity: add a small number before.";
            case Unary u when u.kind() == Unary.Kind.SQRT -> "The square root of a negative number is NaN.";
            case Unary u when u.kind() == Unary.Kind.RECIPROCAL -> "1 / 0 is infinite: add a small number before.";
            case Unary u when u.kind() == Unary.Kind.EXP && x.max() > LARGEST_EXPONENT -> "e^x is too large for float32 above x = 88.7:"
                    + " subtract the maximum first, or use softmax or logSoftmax, which do.";
            case UnaryGradient g when g.of().kind() == Unary.Kind.SQRT || g.of().kind() == Unary.Kind.LOG ->
                    "The derivative of " + g.of().name() + " is infinite at 0: add a small number before it.";
            case Binary b when b.kind() == Binary.Kind.DIV && last.min() <= 0 && last.max() >= 0 ->
                    "A division by 0: 0/0 is NaN, anything else infinite.";
            case Binary b when b.kind() == Binary.Kind.POW -> "A power of a negative number or of 0, or one that is too large.";
            default -> output.infinities() > 0 ? "The result is too large for its type. Usual reasons: a learning rate that is too high,"
                    + " data that is not normalised; clipping the gradients may help." : "";
        };
    }
}
