package dev.sinew.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of Rosenblatt's perceptron and that of several classes, against loops written by hand. */
class PerceptronTest {
    private static final int POINTS = 60;

    /** Multiples of 1/64, of which sums of products are exact: points on both sides of a plane, clear of it. */
    private static float[][] points(int size, SplittableRandom random, double[] normal) {
        List<float[]> points = new ArrayList<>();
        while (points.size() < POINTS) {
            float[] x = new float[size];
            for (int i = 0; i < size; i++) {
                x[i] = random.nextInt(-64, 65) / 64f;
            }
            if (Math.abs(height(x, normal)) > 0.1) {
                points.add(x);
            }
        }
        return points.toArray(float[][]::new);
    }

    private static double height(float[] x, double[] normal) {
        double sum = normal[x.length];
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * normal[i];
        }
        return sum;
    }

    private static Network zero(int inputs, int outputs, DType type) {
        Network net = Network.input(inputs).dense(outputs).build(Seed.of(0), type);
        try (Scope _ = Scope.open()) {
            net.parameters().values().forEach(parameter -> parameter.copyFrom(Tensor.full(type, parameter.shape(), 0)));
        }
        return net;
    }

    /** Weights, then the bias. */
    private static double[] weights(Network net) {
        return net.parameters().values().stream().flatMapToDouble(p -> Arrays.stream(p.toDoubles())).toArray();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyStepIsRosenblattsAndTheyAreFew(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = (int) (1 + seed);
        double[] normal = random.doubles(size + 1, -1, 1).toArray();
        normal[size] *= 0.2;
        float[][] points = points(size, random, normal);
        float[] w = new float[size + 1];
        int updates = 0;
        int before = -1;
        try (Network net = zero(size, 1, DType.F32); Scope _ = Scope.open();
                TrainStep step = Trainer.of(net, Loss.perceptron(), Sgd.rate(1)).compile(1)) {
            while (updates != before) {
                before = updates;
                for (float[] x : points) {
                    int target = height(x, normal) > 0 ? 1 : 0;
                    float sum = w[size];
                    for (int i = 0; i < size; i++) {
                        sum += w[i] * x[i];
                    }
                    int error = target - (sum >= 0 ? 1 : 0);
                    for (int i = 0; i < size; i++) {
                        w[i] += error * x[i];
                    }
                    w[size] += error;
                    updates += Math.abs(error);
                    double loss = step.step(Tensor.of(x, 1, size), Tensor.of(new float[] {target}, 1, 1), 1);
                    assertThat(loss).isEqualTo(error == 0 ? 0 : Math.abs(sum));
                    double[] expected = new double[w.length];
                    Arrays.setAll(expected, i -> w[i]);
                    assertThat(weights(net)).containsExactly(expected);
                }
            }
        }
        assertThat(updates).isPositive().isLessThanOrEqualTo((int) bound(points, normal));
    }

    /** (R / gamma)^2 with the bias as one more coordinate (Novikoff 1962). */
    private static double bound(float[][] points, double[] normal) {
        double radius = 0;
        double margin = Double.MAX_VALUE;
        double length = Math.sqrt(Arrays.stream(normal).map(v -> v * v).sum());
        for (float[] x : points) {
            double square = 1;
            for (float v : x) {
                square += v * v;
            }
            radius = Math.max(radius, Math.sqrt(square));
            margin = Math.min(margin, Math.abs(height(x, normal)) / length);
        }
        return Math.pow(radius / margin, 2);
    }

    @Test
    void severalClasses() {
        SplittableRandom random = new SplittableRandom(8);
        int size = 3;
        int classes = 4;
        float[][] points = points(size, random, random.doubles(size + 1, -1, 1).toArray());
        float[][] truth = new float[classes][size];
        for (float[] row : truth) {
            for (int i = 0; i < size; i++) {
                row[i] = random.nextInt(-64, 65) / 64f;
            }
        }
        float[][] w = new float[classes][size];
        float[] b = new float[classes];
        try (Network net = zero(size, classes, DType.F32); Scope _ = Scope.open();
                TrainStep step = Trainer.of(net, Loss.multiClassPerceptron(), Sgd.rate(1)).compile(1)) {
            int mistakes = 1;
            for (int pass = 0; pass < 400 && mistakes > 0; pass++) {
                mistakes = 0;
                for (float[] x : points) {
                    int label = highest(truth, new float[classes], x);
                    int taken = highest(w, b, x);
                    mistakes += taken == label ? 0 : 1;
                    for (int i = 0; i < size; i++) {
                        w[label][i] += x[i];
                        w[taken][i] -= x[i];
                    }
                    b[label]++;
                    b[taken]--;
                    step.step(Tensor.of(x, 1, size), Tensor.of(new int[] {label}, 1), 1);
                    double[] expected = new double[classes * (size + 1)];
                    Arrays.setAll(expected, i -> i < classes * size ? w[i / size][i % size] : b[i - classes * size]);
                    assertThat(weights(net)).containsExactly(expected);
                }
            }
            assertThat(mistakes).as("mistakes of the last pass").isZero();
        }
    }

    private static int highest(float[][] w, float[] b, float[] x) {
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < w.length; k++) {
            float sum = b[k];
            for (int i = 0; i < x.length; i++) {
                sum += w[k][i] * x[i];
            }
            best = sum > most ? k : best;
            most = Math.max(most, sum);
        }
        return best;
    }

    /** Several units learn at once; a batch takes the mean of the updates. */
    @Test
    void unitsOfATrainerLearnGates() {
        float[] inputs = {0, 0, 0, 1, 1, 0, 1, 1};
        float[] andOrNot = {0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0};
        ArrayDataset gates = ArrayDataset.of(inputs, Shape.of(2), andOrNot, Shape.of(3));
        for (int batch : new int[] {1, 4}) {
            try (Network net = zero(2, 3, DType.F32); Scope _ = Scope.open()) {
                Trainer.of(net, Loss.perceptron(), Sgd.rate(1)).batch(batch).epochs(60).fit(gates);
                float[] sums = net.predict(Tensor.of(inputs, 4, 2)).toFloats();
                for (int i = 0; i < sums.length; i++) {
                    assertThat(sums[i] >= 0 ? 1f : 0f).isEqualTo(andOrNot[i]);
                }
            }
        }
    }
}
