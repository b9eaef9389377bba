package dev.sinew.app.reproduce;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.nn.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/**
 * Labelled points of the plane, and what nets say about places of it.
 *
 * @param points two coordinates each
 * @param labels from 0
 */
public record Plane(double[][] points, int[] labels) {
    private static final int CHUNK = 4096;

    /** Points evenly spread over a rectangle, with labels by a rule. */
    public static Plane uniform(int count, double x0, double x1, double y0, double y1, long seed, ToIntFunction<double[]> label) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] points = new double[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            points[i] = new double[] {random.nextDouble(x0, x1), random.nextDouble(y0, y1)};
            labels[i] = label.applyAsInt(points[i]);
        }
        return new Plane(points, labels);
    }

    /** The points of one label. */
    public double[][] of(int label) {
        List<double[]> chosen = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == label) {
                chosen.add(points[i]);
            }
        }
        return chosen.toArray(double[][]::new);
    }

    /** As data with classes. */
    public ArrayDataset classes(int classes) {
        return ArrayDataset.of(flat(points), Shape.of(2), labels, classes);
    }

    /** As data whose target is the label as a number. */
    public ArrayDataset numbers() {
        float[] targets = new float[labels.length];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = labels[i];
        }
        return ArrayDataset.of(flat(points), Shape.of(2), targets, Shape.of(1));
    }

    /** The share of labels that a net gets right: one output says yes above 0, several say the highest. */
    public double accuracy(Network net) {
        double[] said = decisions(net, points);
        int right = 0;
        for (int i = 0; i < said.length; i++) {
            right += (int) said[i] == labels[i] ? 1 : 0;
        }
        return (double) right / said.length;
    }

    /** All coordinates, one point after the other. */
    public static float[] flat(double[][] points) {
        int width = points.length == 0 ? 0 : points[0].length;
        float[] flat = new float[points.length * width];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) points[i / width][i % width];
        }
        return flat;
    }

    /** The net's outputs at places, row by row. */
    public static double[][] outputs(Network net, double[][] places) {
        double[][] outputs = new double[places.length][];
        for (int from = 0; from < places.length; from += CHUNK) {
            double[][] part = java.util.Arrays.copyOfRange(places, from, Math.min(places.length, from + CHUNK));
            try (var _ = Scope.open()) {
                float[] y = net.predict(Tensor.of(flat(part), part.length, part[0].length)).toFloats();
                int width = y.length / part.length;
                for (int i = 0; i < part.length; i++) {
                    outputs[from + i] = Plot.doubles(java.util.Arrays.copyOfRange(y, i * width, (i + 1) * width));
                }
            }
        }
        return outputs;
    }

    /** The net's first output at places. */
    public static double[] scores(Network net, double[][] places) {
        double[][] outputs = outputs(net, places);
        double[] scores = new double[outputs.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = outputs[i][0];
        }
        return scores;
    }

    /** What the net decides at places: with one output 1 where it is above 0, with several the number of the highest. */
    public static double[] decisions(Network net, double[][] places) {
        double[][] outputs = outputs(net, places);
        double[] decisions = new double[outputs.length];
        for (int i = 0; i < decisions.length; i++) {
            double[] y = outputs[i];
            int best = 0;
            for (int k = 1; k < y.length; k++) {
                best = y[k] > y[best] ? k : best;
            }
            decisions[i] = y.length == 1 ? y[0] > 0 ? 1 : 0 : best;
        }
        return decisions;
    }
}
