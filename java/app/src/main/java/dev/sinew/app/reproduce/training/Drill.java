package dev.sinew.app.reproduce.training;

import dev.sinew.Seed;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Training;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the sections on training share: a net for the digits, and figures of a training's history. */
final class Drill {
    private Drill() {}

    /** A perceptron for the digits with ReLU units. */
    static Network net(Seed seed, long... hidden) {
        Network.Builder builder = Network.input(1, 8, 8);
        for (long units : hidden) {
            builder.dense(units).relu();
        }
        return builder.dense(10).build(seed);
    }

    /** One figure of every epoch. */
    static double[] each(Training run, ToDoubleFunction<EpochReport> figure) {
        return run.history().stream().mapToDouble(figure).toArray();
    }

    /** The mean training loss of every epoch; what is not finite, or far off the picture, is drawn as 100. */
    static double[] losses(Training run) {
        return each(run, report -> Double.isFinite(report.trainLoss()) ? Math.min(100, report.trainLoss()) : 100);
    }

    static double last(double[] values) {
        return values[values.length - 1];
    }

    static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** One of several seeds. */
    static Seed seed(Lab lab, int number) {
        return lab.seed().derive("repeat " + number);
    }

    static String text(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }
}
