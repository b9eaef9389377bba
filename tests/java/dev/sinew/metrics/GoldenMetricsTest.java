package dev.sinew.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Scoped;
import dev.sinew.Tensor;
import dev.sinew.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every metric against scikit-learn's value for the same data (tests/golden/golden_metrics.py). */
@ExtendWith(Scoped.class)
class GoldenMetricsTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-12);

    /** One set of data with the values to be expected. */
    record Case(Map<?, ?> values) {
        double number(String name) {
            return ((Number) values.get(name)).doubleValue();
        }

        double[] numbers(String name) {
            return list(values.get(name)).stream().mapToDouble(x -> ((Number) x).doubleValue()).toArray();
        }

        int[] integers(String name) {
            return list(values.get(name)).stream().mapToInt(x -> ((Number) x).intValue()).toArray();
        }

        @Override
        public String toString() {
            return (String) values.get("name");
        }
    }

    private static List<?> list(Object value) {
        return (List<?>) value;
    }

    private static Stream<Case> read(String kind) throws IOException {
        Path file = Path.of(System.getProperty("sinew.golden", "tests/golden/data"), "metrics.json");
        return list(((Map<?, ?>) Json.parse(Files.readString(file))).get(kind)).stream().map(one -> new Case((Map<?, ?>) one));
    }

    static Stream<Case> confusion() throws IOException {
        return read("confusion");
    }

    static Stream<Case> binary() throws IOException {
        return read("binary");
    }

    static Stream<Case> probabilities() throws IOException {
        return read("probabilities");
    }

    static Stream<Case> regression() throws IOException {
        return read("regression");
    }

    static Stream<Case> images() throws IOException {
        return read("images");
    }

    private static void close(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected).containsExactly(expected, CLOSE);
    }

    @ParameterizedTest
    @MethodSource("confusion")
    void confusionMatrix(Case c) {
        int classes = (int) c.number("classes");
        ConfusionMatrix matrix = ConfusionMatrix.of(classes, c.integers("labels"), c.integers("predictions"));
        assertThat(matrix.accuracy()).isCloseTo(c.number("accuracy"), CLOSE);
        assertThat(matrix.balancedAccuracy()).isCloseTo(c.number("balanced"), CLOSE);
        assertThat(matrix.kappa()).isCloseTo(c.number("kappa"), CLOSE);
        assertThat(matrix.matthews()).isCloseTo(c.number("matthews"), CLOSE);
        assertThat(matrix.meanIou()).isCloseTo(c.number("miou"), CLOSE);
        for (int k = 0; k < classes; k++) {
            assertThat(matrix.support(k)).isEqualTo(c.integers("support")[k]);
            // scikit-learn was told to say 0 where there is no value
            assertThat(orZero(matrix.precision(k))).isCloseTo(c.numbers("precision")[k], CLOSE);
            assertThat(orZero(matrix.recall(k))).isCloseTo(c.numbers("recall")[k], CLOSE);
            assertThat(orZero(matrix.f1(k))).isCloseTo(c.numbers("f1")[k], CLOSE);
            int[] row = list(list(c.values.get("confusion")).get(k)).stream().mapToInt(x -> ((Number) x).intValue()).toArray();
            for (int p = 0; p < classes; p++) {
                assertThat(matrix.count(k, p)).isEqualTo(row[p]);
            }
        }
        for (ConfusionMatrix.Average average : ConfusionMatrix.Average.values()) {
            Case expected = new Case((Map<?, ?>) c.values.get("average"));
            close(new double[] {matrix.precision(average), matrix.recall(average), matrix.f1(average)},
                    expected.numbers(average.name().toLowerCase(Locale.ROOT)));
        }
    }

    private static double orZero(double value) {
        return Double.isNaN(value) ? 0 : value;
    }

    @ParameterizedTest
    @MethodSource("binary")
    void binaryScores(Case c) {
        double[] scores = c.numbers("scores");
        int[] labels = c.integers("labels");
        BinaryScores all = new BinaryScores();
        for (int i = 0; i < scores.length; i++) {
            all.add(scores[i], labels[i] == 1);
        }
        Curve roc = all.roc();
        close(roc.x(), c.numbers("fpr"));
        close(roc.y(), c.numbers("tpr"));
        assertThat(roc.thresholds()[0]).isInfinite();
        close(Arrays.copyOfRange(roc.thresholds(), 1, roc.x().length), c.numbers("thresholds"));
        assertThat(all.rocAuc()).isCloseTo(c.number("auc"), CLOSE);
        close(all.precisionRecall().x(), c.numbers("recall"));
        close(all.precisionRecall().y(), c.numbers("precision"));
        assertThat(all.averagePrecision()).isCloseTo(c.number("ap"), CLOSE);
        double at = c.number("at");
        close(new double[] {orZero(all.precision(at)), all.recall(at), all.f1(at)}, c.numbers("at_values"));
        double best = all.f1(all.bestThreshold());
        for (double threshold : roc.thresholds()) {
            assertThat(orZero(all.f1(threshold))).isLessThanOrEqualTo(best);
        }
    }

    @ParameterizedTest
    @MethodSource("probabilities")
    void probabilities(Case c) {
        int classes = (int) c.number("classes");
        double[] p = c.numbers("p");
        int[] labels = c.integers("labels");
        Probabilities quality = new Probabilities(classes, 10);
        Classification ranks = new Classification(classes);
        for (int from = 0; from < labels.length; from += 40) {
            double[] part = Arrays.copyOfRange(p, from * classes, (from + 40) * classes);
            int[] some = Arrays.copyOfRange(labels, from, from + 40);
            quality.add(part, some);
            ranks.add(Tensor.of(Tensor.of(part, 40, classes).toFloats(), 40, classes), Tensor.of(some, 40));
        }
        assertThat(quality.size()).isEqualTo(120);
        assertThat(quality.logLoss()).isCloseTo(c.number("log_loss"), CLOSE);
        assertThat(quality.brier()).isCloseTo(c.number("brier"), CLOSE);
        assertThat(quality.calibrationError()).isCloseTo(c.number("ece"), CLOSE);
        assertThat(ranks.topK(2)).isCloseTo(c.number("top2"), CLOSE);
        assertThat(ranks.topK(1)).isEqualTo(ranks.accuracy());
    }

    @ParameterizedTest
    @MethodSource("regression")
    void regression(Case c) {
        Regression all = new Regression();
        double[] prediction = c.numbers("prediction");
        double[] target = c.numbers("target");
        all.add(Arrays.copyOf(prediction, 30), Arrays.copyOf(target, 30));
        all.add(Arrays.copyOfRange(prediction, 30, 90), Arrays.copyOfRange(target, 30, 90));
        assertThat(all.meanAbsoluteError()).isCloseTo(c.number("mae"), Offset.offset(1e-11 * c.number("mae")));
        assertThat(all.meanSquaredError()).isCloseTo(c.number("mse"), Offset.offset(1e-11 * c.number("mse")));
        assertThat(all.rootMeanSquaredError()).isCloseTo(Math.sqrt(c.number("mse")), Offset.offset(1e-11 * c.number("mse")));
        assertThat(all.largestError()).isEqualTo(c.number("largest"));
        assertThat(all.r2()).isCloseTo(c.number("r2"), Offset.offset(1e-11 * Math.max(1, Math.abs(c.number("r2")))));
    }

    @ParameterizedTest
    @MethodSource("images")
    void images(Case c) {
        long[] shape = Arrays.stream(c.integers("shape")).asLongStream().toArray();
        Tensor a = Tensor.of(c.numbers("a"), shape);
        Tensor b = Tensor.of(c.numbers("b"), shape);
        double range = c.number("range");
        assertThat(ImageQuality.psnr(a, b, range)).isCloseTo(c.number("psnr"), Offset.offset(1e-10));
        assertThat(ImageQuality.ssim(a, b, range)).isCloseTo(c.number("ssim"), Offset.offset(1e-10));
        assertThat(ImageQuality.ssim(a, a, range)).isCloseTo(1, Offset.offset(1e-12));
        assertThat(ImageQuality.psnr(b, b, range)).isEqualTo(Double.POSITIVE_INFINITY);
    }
}
