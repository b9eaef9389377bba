package dev.sinew.train;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds a learning rate by trying (Smith 2017, section 3.3): the rate grows from batch to batch, each by the same factor, until
 * the loss explodes. Afterwards the weights are what they were, bit by bit.
 *
 * {@snippet :
 * double rate = RateFinder.of(Trainer.of(net, Loss.crossEntropy(), Sgd.rate(1)).batch(64)).run(data).suggestion();
 * }
 */
public final class RateFinder {
    /** A mean over about ten batches. */
    private static final double SMOOTHING = 0.9;
    /** Times the least loss so far: it has exploded. */
    private static final double EXPLODED = 4;

    private final Trainer trainer;
    private double least = 1e-7;
    private double most = 10;
    private int steps = 100;

    private RateFinder(Trainer trainer) {
        this.trainer = trainer;
    }

    /** For that net, loss, optimiser and batch size; from 1e-7 to 10 in 100 steps. */
    public static RateFinder of(Trainer trainer) {
        return new RateFinder(java.util.Objects.requireNonNull(trainer, "trainer"));
    }

    /** Other rates to begin and to end with, 0 below the first, the first below the last. */
    public RateFinder between(double first, double last) {
        if (!(first > 0 && first < last && last < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rate finder: needs 0 < first < last, not " + first + " and " + last);
        }
        least = first;
        most = last;
        return this;
    }

    /** Another number of steps, at least 10. */
    public RateFinder steps(int number) {
        if (number < 10) {
            throw new IllegalArgumentException("rate finder: the number of steps must be at least 10, not " + number);
        }
        steps = number;
        return this;
    }

    /**
     * One step.
     *
     * @param rate its learning rate
     * @param loss of its batch, before it was learnt from
     * @param smooth the mean of the losses so far, the older the less
     */
    public record Point(double rate, double loss, double smooth) {}

    /**
     * What was found.
     *
     * @param points the steps, those after the explosion left out
     * @param suggestion the rate at which the smoothed loss falls most steeply over the logarithm of the rate on its way to its
     *     least value; NaN if it never does
     */
    public record Curve(List<Point> points, double suggestion) {}

    /** Tries. The data are seen in the trainer's order, again from the beginning where they are too few. */
    public Curve run(Dataset data) {
        trainer.checkFits(data);
        Map<String, Tensor> weights = trainer.network().parameters();
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> before = new LinkedHashMap<>();
            weights.forEach((name, tensor) -> before.put(name, tensor.copy()));
            try {
                List<Point> points = sweep(data);
                return new Curve(points, suggestion(points));
            } finally {
                weights.forEach((name, tensor) -> tensor.copyFrom(before.get(name)));
            }
        }
    }

    private List<Point> sweep(Dataset data) {
        List<Point> points = new ArrayList<>();
        int batch = (int) Math.min(trainer.batchSize(), data.size());
        Batches.Setup setup = trainer.batches(data, batch).dropLast();
        UpdateRule rule = trainer.rule();
        UpdateRule alone = new UpdateRule(rule.optimizer(), rule.groups(), rule.clipNorm(), rule.clipValue(), 1, null);
        double mean = 0;
        double best = Double.POSITIVE_INFINITY;
        try (Batches batches = setup.epochs(steps / setup.batchesPerEpoch() + 1).open();
                TrainStep step = TrainStep.alone(trainer.network(), trainer.objective(), alone, batch, LossGraph.targetType(data))) {
            for (int i = 0; i < steps; i++) {
                Batch next = batches.next();
                double rate = least * Math.pow(most / least, i / (steps - 1.0));
                rule.groups().forEach(group -> step.rate(group.name(), rate));
                double loss = step.step(next.input(), next.target(), rate);
                mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
                double smooth = mean / (1 - Math.pow(SMOOTHING, i + 1));
                if (!(smooth <= EXPLODED * best) && i > 0) {
                    break;
                }
                best = Math.min(best, smooth);
                points.add(new Point(rate, loss, smooth));
            }
        }
        return List.copyOf(points);
    }

    private static double suggestion(List<Point> points) {
        double steepest = 0;
        double rate = Double.NaN;
        // beyond the least loss it may rise and fall again: a net whose units have died there knows nothing any more
        int least = 0;
        for (int i = 1; i < points.size(); i++) {
            least = points.get(i).smooth < points.get(least).smooth ? i : least;
        }
        for (int i = 1; i <= least && i + 1 < points.size(); i++) {
            double slope = points.get(i + 1).smooth - points.get(i - 1).smooth;
            if (slope < steepest) {
                steepest = slope;
                rate = points.get(i).rate;
            }
        }
        return rate;
    }
}
