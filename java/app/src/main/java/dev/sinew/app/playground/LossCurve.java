package dev.sinew.app.playground;

import java.util.ArrayList;
import java.util.List;

/** The mean losses of equally long stretches of a training, at most {@link #MOST} of them: when they are full, two become one. */
final class LossCurve {
    private static final int MOST = 200;

    private final List<double[]> points = new ArrayList<>();
    private long stretch = 10;
    private double sum;
    private long count;

    void clear() {
        points.clear();
        stretch = 10;
        sum = 0;
        count = 0;
    }

    void add(long step, double loss) {
        sum += loss;
        count++;
        if (count < stretch) {
            return;
        }
        points.add(new double[] {step, sum / count});
        sum = 0;
        count = 0;
        if (points.size() == MOST) {
            for (int i = 0; i < MOST / 2; i++) {
                double[] second = points.get(2 * i + 1);
                points.set(i, new double[] {second[0], (points.get(2 * i)[1] + second[1]) / 2});
            }
            points.subList(MOST / 2, MOST).clear();
            stretch *= 2;
        }
    }

    /** Step and loss. */
    List<double[]> points() {
        return List.copyOf(points);
    }
}
