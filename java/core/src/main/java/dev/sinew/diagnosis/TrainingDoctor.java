package dev.sinew.diagnosis;

import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.optim.Optimizer;
import dev.sinew.train.LossGraph;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Looks for the usual mistakes before a training: in the data, the net, the loss and the learning rate. Everything is tried
 * on copies: the network is not changed. Takes some hundred training steps of small batches.
 *
 * {@snippet :
 * System.out.println(TrainingDoctor.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(128).validation(held).check(data));
 * }
 *
 * <p>For nets with one input and one output.
 */
public final class TrainingDoctor {
    private static final int OVERFIT_SAMPLES = 16;
    private static final int OVERFIT_STEPS = 200;
    private static final int SWEEP_STEPS = 20;
    private static final int SWEEP_BATCHES = 4;
    private static final long SCHEDULE_SAMPLES = 100;

    private final Network network;
    private final Loss loss;
    private final Optimizer optimizer;
    private int batch = 32;
    private long epochs = 1;
    private Dataset validation;

    /** How bad a finding is. */
    public enum Severity {
        /** As it should be. */
        GOOD,
        /** Unusual: worth a look. */
        WARNING,
        /** The training will fail or learn nothing. */
        ERROR
    }

    /**
     * One thing that was looked at.
     *
     * @param subject what, in two or three words
     * @param measured what was seen, with the numbers
     * @param advice what to do; empty where all is well
     */
    public record Finding(Severity severity, String subject, String measured, String advice) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%-7s %s: %s", severity.name().toLowerCase(Locale.ROOT), subject, measured)
                    + (advice.isEmpty() ? "" : System.lineSeparator() + "        " + advice);
        }
    }

    /** All findings, in the order in which things were looked at. */
    public record Report(List<Finding> findings) {
        /** Whether there is no error. */
        public boolean isHealthy() {
            return findings.stream().noneMatch(f -> f.severity == Severity.ERROR);
        }

        /** The findings that are no good ones. */
        public List<Finding> problems() {
            return findings.stream().filter(f -> f.severity != Severity.GOOD).toList();
        }

        @Override
        public String toString() {
            return findings.stream().map(Finding::toString).collect(Collectors.joining(System.lineSeparator()));
        }
    }

    /** Collects findings. */
    static final class Notes {
        private final List<Finding> findings = new ArrayList<>();

        void good(String subject, String measured, Object... values) {
            add(Severity.GOOD, subject, "", measured, values);
        }

        void warning(String subject, String advice, String measured, Object... values) {
            add(Severity.WARNING, subject, advice, measured, values);
        }

        void error(String subject, String advice, String measured, Object... values) {
            add(Severity.ERROR, subject, advice, measured, values);
        }

        private void add(Severity severity, String subject, String advice, String measured, Object... values) {
            findings.add(new Finding(severity, subject, String.format(Locale.ROOT, measured, values), advice));
        }

        boolean hasErrors() {
            return findings.stream().anyMatch(f -> f.severity == Severity.ERROR);
        }
    }

    private TrainingDoctor(Network network, Loss loss, Optimizer optimizer) {
        this.network = Objects.requireNonNull(network, "network");
        this.loss = Objects.requireNonNull(loss, "loss");
        this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
        // says so when there are several
        network.architecture().input();
        network.architecture().output();
    }

    /** For the training of that network, with batches of 32 for one epoch unless set. */
    public static TrainingDoctor of(Network network, Loss loss, Optimizer optimizer) {
        return new TrainingDoctor(network, loss, optimizer);
    }

    /** Samples per step, at least 1. */
    public TrainingDoctor batch(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("the batch size must be at least 1, not " + size);
        }
        batch = size;
        return this;
    }

    /** How long the training will be, which schedules of the learning rate depend on. */
    public TrainingDoctor epochs(long number) {
        if (number < 1) {
            throw new IllegalArgumentException("the number of epochs must be at least 1, not " + number);
        }
        epochs = number;
        return this;
    }

    /** The data that the training will be measured on: none of it may be in the training data. */
    public TrainingDoctor validation(Dataset data) {
        validation = Objects.requireNonNull(data, "data");
        return this;
    }

    /**
     * Examines everything.
     *
     * @throws IllegalStateException when a sample cannot be read
     */
    @SuppressWarnings("try") // the scope frees the batches
    public Report check(Dataset data) {
        Notes notes = new Notes();
        DataExamination.inputs(notes, data);
        DataExamination.targets(notes, network, data);
        if (validation != null) {
            DataExamination.duplicates(notes, data, validation);
        }
        batchSize(notes, data);
        try (Scope scope = Scope.open()) {
            List<Batch> some = fits(notes, data) ? batches(data, (int) Math.min(batch, data.size()), SWEEP_BATCHES) : List.of();
            if (!some.isEmpty()) {
                new NetworkExamination(network, loss).examine(notes, some.getFirst());
                if (!notes.hasErrors()) {
                    trials(notes, data, some);
                }
            }
        }
        return new Report(List.copyOf(notes.findings));
    }

    private void batchSize(Notes notes, Dataset data) {
        boolean normalised = network.architecture().nodes().stream().anyMatch(n -> n.layer() != null && n.layer().kind().startsWith("batchnorm"));
        if (normalised && batch == 1) {
            notes.error("batch size", "Use larger batches, or another normalisation.", "batch normalisation with batches of one sample:"
                    + " of a single value the mean is the value, and the deviation 0");
        } else if (normalised && data.size() % batch == 1) {
            notes.warning("batch size", "Leave the last batch out (dropLast), or choose another size.",
                    "the last batch of %d samples in batches of %d has one sample, which batch normalisation cannot use", data.size(), batch);
        }
    }

    /** Whether net, loss and data go together at all. */
    private boolean fits(Notes notes, Dataset data) {
        if (!data.inputShape().equals(network.architecture().input())) {
            notes.error("shapes", "Change the net's input or the data.", "the data have samples of shape %s, the network takes %s",
                    data.inputShape(), network.architecture().input());
            return false;
        }
        try {
            Spec taken = loss.target(Spec.of(network.dtype(), network.architecture().output().withFirst(1)));
            Spec target = LossGraph.given(loss, taken, LossGraph.targetType(data));
            boolean labels = !target.dtype().isFloat();
            if (labels != data.classes() > 0) {
                notes.error("loss and data", labels ? "Use a loss for numbers, such as meanSquaredError." : "Use a loss for labels, such as crossEntropy.",
                        "%s asks for targets %s, the data have %s", loss, target, labels ? "numbers to predict" : "labels");
                return false;
            }
            if (!labels && !target.shape().withoutFirst().equals(data.targetShape())) {
                notes.error("loss and data", "Let the net's last layer have the shape of the targets.", "%s asks for targets of shape %s, the data have %s",
                        loss, target.shape().withoutFirst(), data.targetShape());
                return false;
            }
        } catch (IllegalArgumentException e) {
            notes.error("loss and net", "Choose a loss for this output.", "%s", e.getMessage());
            return false;
        }
        return !notes.hasErrors();
    }

    /** Batches of one size in memory of the current scope. */
    private static List<Batch> batches(Dataset data, int size, int most) {
        List<Batch> copies = new ArrayList<>();
        try (Batches all = Batches.of(data, size).shuffled(1).dropLast().open()) {
            for (Batch b = all.next(); b != null && copies.size() < most; b = all.next()) {
                copies.add(new Batch(b.epoch(), b.index(), b.input().copy(), b.target().copy()));
            }
        }
        return copies;
    }

    // ---- trials with copies ----

    private void trials(Notes notes, Dataset data, List<Batch> some) {
        long perEpoch = Math.max(1, data.size() / batch);
        double rate = 0;
        for (long i = 0; i < SCHEDULE_SAMPLES; i++) {
            rate = Math.max(rate, optimizer.schedule().rate(i * perEpoch * epochs / SCHEDULE_SAMPLES, perEpoch, perEpoch * epochs));
        }
        oneStep(notes, data, some.getFirst(), rate);
        if (notes.hasErrors()) {
            return;
        }
        learningRate(notes, data, some, rate);
        Batch few = batches(data, (int) Math.min(OVERFIT_SAMPLES, data.size()), 1).getFirst();
        double[] losses = train(data, List.of(few), rate, OVERFIT_STEPS);
        double last = losses[losses.length - 1];
        double least = leastLoss(few.target());
        if (last - least < 0.1 * (losses[0] - least) || last - least < 1e-3) {
            notes.good("one batch", "%d samples are learnt by heart in %d steps: the loss falls from %.4g to %.4g", few.size(), OVERFIT_STEPS, losses[0], last);
        } else {
            notes.warning("one batch", "A net that cannot learn a few samples by heart will not learn more: look at the learning rate, the"
                    + " gradients and the labels; much dropout or few units may be the reason, too.",
                    "%d samples are not learnt by heart in %d steps: the loss goes from %.4g to %.4g", few.size(), OVERFIT_STEPS, losses[0], last);
        }
    }

    /** What the loss cannot fall below: smoothed labels and targets between 0 and 1 have an entropy of their own. */
    private double leastLoss(Tensor target) {
        double classes = network.architecture().output().dim(0);
        double smoothing = loss instanceof Loss.CrossEntropy c ? c.smoothing() : loss instanceof Loss.SoftCrossEntropy c ? c.smoothing() : 0;
        double other = smoothing / classes;
        if (loss instanceof Loss.SoftCrossEntropy && target.dtype().isFloat()) {
            return classes * Arrays.stream(target.toDoubles()).map(t -> entropy((1 - smoothing) * t + other)).average().orElse(0);
        }
        if (smoothing > 0) {
            return entropy(1 - smoothing + other) + (classes - 1) * entropy(other);
        }
        if (loss instanceof Loss.BinaryCrossEntropy) {
            return Arrays.stream(target.toDoubles()).map(t -> entropy(t) + entropy(1 - t)).average().orElse(0);
        }
        return 0;
    }

    private static double entropy(double p) {
        return p <= 0 ? 0 : -p * Math.log(p);
    }

    private void oneStep(Notes notes, Dataset data, Batch one, double rate) {
        try (Network copy = copy(); TrainStep step = Trainer.of(copy, loss, optimizer).compile(one.size(), data)) {
            step.step(one.input(), one.target(), rate);
            List<String> trained = network.trained(Objective.of(loss).outputs(network.architecture()));
            List<String> same = trained.stream().filter(name -> Arrays.equals(copy.parameter(name).toDoubles(),
                    network.parameter(name).toDoubles())).toList();
            if (!same.isEmpty()) {
                notes.error("first step", rate == 0 ? "The learning rate is 0 all the time." : "Their gradients are 0, or so small that the step vanishes in rounding.",
                        "a step with learning rate %.4g does not change %s", rate, same);
            } else {
                notes.good("first step", "changes all %d parameters", trained.size());
            }
        }
    }

    private void learningRate(Notes notes, Dataset data, List<Batch> some, double rate) {
        double[] factors = {0.1, 1, 10};
        double[] ends = new double[factors.length];
        // with rate 0: the batches' losses before anything is learnt
        double start = mean(train(data, some, 0, some.size()), 0, some.size());
        for (int i = 0; i < factors.length; i++) {
            double[] losses = train(data, some, rate * factors[i], SWEEP_STEPS);
            ends[i] = mean(losses, losses.length - some.size(), losses.length);
        }
        String measured = String.format(Locale.ROOT, "after %d steps the loss of %.4g is %.4g with a tenth of the rate, %.4g with %.4g, %.4g with ten times it",
                SWEEP_STEPS, start, ends[0], ends[1], rate, ends[2]);
        if (!(ends[1] < 1.5 * start) || ends[0] < 0.5 * start && ends[1] > 0.95 * start) {
            notes.error("learning rate", "It is too high: try a tenth.", "%s", measured);
        } else if (ends[1] > 0.98 * start && ends[2] < 0.99 * start && start - ends[2] > 3 * (start - ends[1])) {
            notes.warning("learning rate", "It may be too low: try ten times as much.", "%s", measured);
        } else {
            notes.good("learning rate", "%s", measured);
        }
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }

    /** The losses of some steps of a copy, until one is not finite. */
    private double[] train(Dataset data, List<Batch> batches, double rate, int steps) {
        double[] losses = new double[Math.max(steps, 2 * batches.size())];
        try (Network copy = copy(); TrainStep step = Trainer.of(copy, loss, optimizer).compile(batches.getFirst().size(), data)) {
            for (int i = 0; i < losses.length; i++) {
                Batch b = batches.get(i % batches.size());
                losses[i] = step.step(b.input(), b.target(), rate);
                if (!Double.isFinite(losses[i])) {
                    Arrays.fill(losses, i, losses.length, Double.POSITIVE_INFINITY);
                    break;
                }
            }
        }
        return losses;
    }

    private Network copy() {
        Network copy = network.architecture().build(network.seed(), network.dtype());
        network.parameters().forEach((name, value) -> copy.parameter(name).copyFrom(value));
        return copy.freeze(network.frozen()::contains);
    }
}
