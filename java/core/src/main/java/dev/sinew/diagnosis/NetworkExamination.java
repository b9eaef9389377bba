package dev.sinew.diagnosis;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.nn.Architecture;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.util.Comparator;
import java.util.List;

/** What a net is like before its first step, seen on one batch. */
final class NetworkExamination {
    /** How much larger the gradient of one weight may be than that of another, each per element. */
    private static final double GRADIENT_SPREAD = 1e4;

    private final Network network;
    private final Loss loss;

    NetworkExamination(Network network, Loss loss) {
        this.network = network;
        this.loss = loss;
    }

    void examine(TrainingDoctor.Notes notes, Batch batch) {
        initialisation(notes);
        lastLayer(notes, batch);
        NanWatch.Finding bad = NanWatch.find(network, loss, batch.input(), batch.target(), 1).orElse(null);
        if (bad != null) {
            notes.error("NaN or infinity", "See what went in.", "%s", bad);
            return;
        }
        try (Replay replay = new Replay(network, Objective.of(loss))) {
            LayerStatistics.Observation seen = LayerStatistics.observe(replay, network, batch.input(), batch.target(), 1, false);
            firstLoss(notes, seen.loss(), batch);
            units(notes, seen);
            gradients(notes, seen);
        }
    }

    private void initialisation(TrainingDoctor.Notes notes) {
        List<String> equal = network.architecture().parameters().stream().filter(p -> p.trainable() && p.shape().rank() > 1 && p.shape().count() > 1)
                .filter(p -> Statistics.of(network.parameter(p.name())).deviation() == 0).map(p -> p.name()).toList();
        if (equal.isEmpty()) {
            notes.good("initialisation", "no weight begins with equal values");
        } else {
            notes.error("initialisation", "Begin with random values: units that are equal stay equal.", "all values are the same in %s", equal);
        }
    }

    @SuppressWarnings("try") // the scope frees the outputs
    private void lastLayer(TrainingDoctor.Notes notes, Batch batch) {
        List<Architecture.Node> nodes = network.architecture().nodes();
        Layer last = nodes.getLast().layer();
        String kind = last == null ? "" : last.kind();
        boolean probabilities;
        try (Scope scope = Scope.open()) {
            probabilities = areProbabilities(network.forward(batch.input()));
        }
        if (loss instanceof Loss.CrossEntropy && (kind.equals("softmax") || probabilities)) {
            notes.error("softmax before cross-entropy", "Remove the last layer: this loss has the softmax in it, and a second one keeps the"
                    + " loss high and the gradients small.", "the outputs of every sample are probabilities already");
        } else if (loss instanceof Loss.CrossEntropy && List.of("sigmoid", "relu", "log_softmax").contains(kind)) {
            notes.warning(kind + " before cross-entropy", "Let the net end without an activation: the loss takes any numbers.",
                    "the last layer is %s", nodes.getLast().id());
        } else if (loss instanceof Loss.BinaryCrossEntropy && kind.equals("sigmoid")) {
            notes.error("sigmoid before binary cross-entropy", "Remove the last layer: this loss has the sigmoid in it.", "the last layer is %s",
                    nodes.getLast().id());
        }
    }

    private static boolean areProbabilities(Tensor y) {
        if (y.shape().rank() != 2 || y.shape().dim(1) < 2) {
            return false;
        }
        double[] values = y.toDoubles();
        int k = (int) y.shape().dim(1);
        for (int row = 0; row < values.length / k; row++) {
            double sum = 0;
            for (int c = 0; c < k; c++) {
                double p = values[row * k + c];
                if (!(p >= 0)) {
                    return false;
                }
                sum += p;
            }
            if (!(Math.abs(sum - 1) < 1e-4)) {
                return false;
            }
        }
        return true;
    }

    /** What the loss should be for outputs that know nothing; NaN where that is not known. */
    private double expected(Batch batch) {
        double classes = network.architecture().output().rank() == 1 ? network.architecture().output().dim(0) : Double.NaN;
        return switch (loss) {
            case Loss.CrossEntropy _ -> Math.log(classes);
            case Loss.BinaryCrossEntropy _ -> Math.log(2);
            case Loss.Hinge h when h.p() == 1 -> h.margin() * (classes - 1) / (h.meanOverClasses() ? classes : 1);
            case Loss.MeanSquaredError _ -> {
                Statistics t = Statistics.of(batch.target());
                yield t.mean() * t.mean() + t.deviation() * t.deviation();
            }
            default -> Double.NaN;
        };
    }

    private void firstLoss(TrainingDoctor.Notes notes, double first, Batch batch) {
        double expected = expected(batch);
        if (Double.isNaN(expected) || expected == 0) {
            return;
        }
        if (first > 2 * expected) {
            notes.warning("first loss", "The outputs begin too large: look at the first weights and at the scale of the inputs.",
                    "it is %.4g, a net that knows nothing would have %.4g", first, expected);
        } else if (first < 0.5 * expected) {
            notes.warning("first loss", "Fine for a net that is trained already; else look whether the target is among the inputs.",
                    "it is %.4g, a net that knows nothing would have %.4g", first, expected);
        } else {
            notes.good("first loss", "%.4g; a net that knows nothing would have %.4g", first, expected);
        }
    }

    private static void units(TrainingDoctor.Notes notes, LayerStatistics.Observation seen) {
        boolean any = false;
        for (LayerStatistics.Layer layer : seen.layers()) {
            if (layer.dead() == 1) {
                notes.error("dead units", "No gradient passes: look at the biases and the inputs before this layer.",
                        "no unit of %s is active for any sample of the batch", layer.name());
                any = true;
            } else if (layer.dead() > 0.5) {
                notes.warning("dead units", "Look at biases, first weights and inputs; leakyRelu has no dead units.",
                        "%.0f %% of the units of %s are not active for any sample of the batch", 100 * layer.dead(), layer.name());
                any = true;
            }
        }
        if (!any && seen.layers().stream().anyMatch(layer -> !Double.isNaN(layer.dead()))) {
            notes.good("dead units", "fewer than half in every layer");
        }
    }

    private void gradients(TrainingDoctor.Notes notes, LayerStatistics.Observation seen) {
        List<LayerStatistics.Parameter> none = seen.parameters().stream().filter(p -> p.gradientNorm() == 0).toList();
        if (!none.isEmpty()) {
            notes.error("gradients", "The loss does not depend on them, or a layer after them lets nothing pass.",
                    "these parameters have no gradient: %s", none.stream().map(LayerStatistics.Parameter::name).toList());
            return;
        }
        List<LayerStatistics.Parameter> weights = seen.parameters().stream().filter(p -> network.parameter(p.name()).shape().rank() > 1)
                .sorted(Comparator.comparingDouble(this::perElement)).toList();
        if (weights.isEmpty()) {
            return;
        }
        LayerStatistics.Parameter least = weights.getFirst();
        LayerStatistics.Parameter most = weights.getLast();
        if (perElement(most) > GRADIENT_SPREAD * perElement(least)) {
            notes.warning("gradients", "They vanish or explode on their way: normalise between the layers, choose other first weights (Kaiming for"
                    + " ReLU, Xavier for tanh) or other activations, or add shortcuts.", "per element that of %s is %.2g, that of %s %.2g", least.name(),
                    perElement(least), most.name(), perElement(most));
        } else {
            notes.good("gradients", "from %.2g (%s) to %.2g (%s) per element", perElement(least), least.name(), perElement(most), most.name());
        }
    }

    private double perElement(LayerStatistics.Parameter p) {
        return p.gradientNorm() / Math.sqrt(network.parameter(p.name()).shape().count());
    }
}
