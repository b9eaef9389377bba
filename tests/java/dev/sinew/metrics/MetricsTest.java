package dev.sinew.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Scoped;
import dev.sinew.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the metrics do at the edges, and what they refuse. */
@ExtendWith(Scoped.class)
class MetricsTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-12);

    @Test
    void emptyMatrixHasNoValues() {
        ConfusionMatrix empty = new ConfusionMatrix(3);
        assertThat(empty.size()).isZero();
        assertThat(empty.accuracy()).isNaN();
        assertThat(empty.precision(0)).isNaN();
        assertThat(empty.f1(ConfusionMatrix.Average.MACRO)).isNaN();
        assertThat(empty.balancedAccuracy()).isNaN();
        assertThat(empty.kappa()).isNaN();
        assertThat(empty.matthews()).isNaN();
        assertThat(empty.report(List.of())).contains("macro");
    }

    @Test
    void oneClassOnly() {
        ConfusionMatrix matrix = ConfusionMatrix.of(1, new int[] {0, 0}, new int[] {0, 0});
        assertThat(matrix.accuracy()).isEqualTo(1);
        assertThat(matrix.kappa()).isNaN();
        assertThat(matrix.matthews()).isZero();
        assertThat(matrix.meanIou()).isEqualTo(1);
    }

    @Test
    void matricesAddUp() {
        ConfusionMatrix a = ConfusionMatrix.of(2, new int[] {0, 1}, new int[] {1, 1});
        ConfusionMatrix b = ConfusionMatrix.of(2, new int[] {0, 1}, new int[] {0, 1});
        a.add(b);
        assertThat(a.counts()).isDeepEqualTo(new long[][] {{1, 1}, {0, 2}});
        ConfusionMatrix pixels = new ConfusionMatrix(2);
        pixels.addUnless(255, new int[] {0, 255, 1, 1}, new int[] {0, 1, 1, 0});
        assertThat(pixels.size()).isEqualTo(3);
        assertThat(pixels.iou(1)).isEqualTo(0.5);
        assertThat(pixels.meanDice()).isCloseTo(2.0 / 3, CLOSE);
        assertThatThrownBy(() -> a.add(new ConfusionMatrix(3))).hasMessage("confusion matrix: 3 classes cannot be added to 2");
        assertThatThrownBy(() -> a.add(2, 0)).hasMessage("confusion matrix: label 2 and prediction 0 must be within 0 to 1");
        assertThatThrownBy(() -> a.add(new int[2], new int[1])).hasMessage("confusion matrix: 2 labels for 1 predictions");
        assertThatThrownBy(() -> new ConfusionMatrix(0)).hasMessageContaining("at least 1 class");
    }

    @Test
    void tables() {
        ConfusionMatrix matrix = ConfusionMatrix.of(3, new int[] {0, 1, 1}, new int[] {1, 1, 1});
        assertThat(matrix.toString(List.of("cat", "dog", "hippopotamus"))).isEqualToNormalizingNewlines("""
                label                 cat          dog hippopotamus
                cat                     0            1            0
                dog                     0            2            0
                hippopotamus            0            0            0
                """);
        assertThat(matrix.report(List.of("cat", "dog", "hippopotamus"))).isEqualToNormalizingNewlines("""
                class        precision    recall        F1   samples
                cat                  -    0.0000    0.0000         1
                dog             0.6667    1.0000    0.8000         2
                hippopotamus         -         -         -         0
                macro           0.3333    0.5000    0.4000         3
                weighted        0.4444    0.6667    0.5333         3
                accuracy 0.6667, kappa 0.0000, Matthews 0.0000
                """);
        assertThat(matrix).hasToString(matrix.toString(List.of("0", "1", "2")));
    }

    @Test
    void classificationBreaksTiesAndSurvivesNaN() {
        Classification c = new Classification(3);
        float nan = Float.NaN;
        assertThat(c.add(new float[] {1, 1, 0, nan, 2, 1, nan, nan, nan}, new int[] {1, 1, 0})).containsExactly(0, 1, 0);
        assertThat(c.topK(1)).isCloseTo(1.0 / 3, CLOSE);
        assertThat(c.topK(2)).isCloseTo(2.0 / 3, CLOSE);
        assertThat(c.topK(3)).isEqualTo(1);
        assertThat(new Classification(2).topK(1)).isNaN();
        assertThatThrownBy(() -> c.topK(4)).hasMessage("top-k: k must be in [1, 3], not 4");
        assertThatThrownBy(() -> c.add(new float[5], new int[2])).hasMessage("classification: 5 scores are not up to 3 for each of 2 samples");
    }

    @Test
    void binaryScoresOfOneSortOrNaN() {
        BinaryScores one = BinaryScores.of(new double[] {0.1, 0.7}, new boolean[] {true, true});
        assertThatThrownBy(one::roc).isInstanceOf(IllegalStateException.class)
                .hasMessage("binary scores: a ROC curve needs samples of both sorts, these are 2 positive and 0 negative ones");
        assertThat(one.averagePrecision()).isEqualTo(1);
        BinaryScores none = BinaryScores.of(new double[] {0.1}, new boolean[] {false});
        assertThatThrownBy(none::averagePrecision).isInstanceOf(IllegalStateException.class).hasMessageContaining("precision-recall");
        assertThatThrownBy(() -> one.add(Double.NaN, true)).hasMessageContaining("the score of sample 2 is NaN");
        assertThatThrownBy(() -> one.add(new float[] {1}, new int[] {3})).hasMessage("binary scores: label 3 of sample 0 is not 0 or 1");
        one.add(new float[] {0.5f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}, new int[] {0, 0, 1});
        assertThat(one.size()).isEqualTo(5);
        assertThat(one.rocAuc()).isCloseTo(5.0 / 6, CLOSE);
        BinaryScores zeros = BinaryScores.of(new double[] {0.0, -0.0}, new boolean[] {true, false});
        assertThat(zeros.rocAuc()).isEqualTo(0.5);
        assertThat(zeros.roc().x()).hasSize(2);
    }

    @Test
    void probabilitiesAreChecked() {
        Probabilities p = new Probabilities(2);
        assertThat(p.logLoss()).isNaN();
        assertThatThrownBy(() -> p.add(new double[] {0.3, Double.NaN}, new int[] {0})).hasMessageContaining("NaN for class 1 of sample 0");
        assertThatThrownBy(() -> p.add(new double[] {-3, 4}, new int[] {0})).hasMessageContaining("logits without softmax");
        assertThatThrownBy(() -> p.add(new double[] {0.3, 0.3}, new int[] {0})).hasMessageContaining("have the sum 0.6 instead of 1");
        assertThatThrownBy(() -> p.add(new double[] {0.3, 0.7}, new int[] {2})).hasMessageContaining("label 2 of sample 0 is not within 0 to 1");
        assertThat(p.size()).isZero();
        p.add(new double[] {0, 1, 1, 0}, new int[] {0, 0});
        assertThat(p.logLoss()).isCloseTo(52 * Math.log(2) / 2, CLOSE);
        assertThat(p.brier()).isEqualTo(1);
        assertThat(p.calibrationError()).isEqualTo(0.5);
        assertThat(p.reliability().x()).containsExactly(1);
        assertThat(p.reliability().y()).containsExactly(0.5);
    }

    @Test
    void regressionOfLittle() {
        Regression r = new Regression();
        assertThat(r.meanAbsoluteError()).isNaN();
        assertThat(r.largestError()).isNaN();
        r.add(new double[] {3}, new double[] {1});
        assertThat(r.r2()).isNaN();
        r.add(new double[] {1}, new double[] {1});
        assertThat(r.r2()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(r.rootMeanSquaredError()).isCloseTo(Math.sqrt(2), CLOSE);
        assertThatThrownBy(() -> r.add(Tensor.zeros(2), Tensor.zeros(2, 1))).hasMessage("regression: predictions f32[2] for targets f32[2, 1]");
        r.add(new double[] {Double.NaN}, new double[] {0});
        assertThat(r.meanSquaredError()).isNaN();
    }

    @Test
    void editDistances() {
        assertThat(EditDistance.between("kitten", "sitting")).isEqualTo(3);
        assertThat(EditDistance.between("", "abc")).isEqualTo(3);
        assertThat(EditDistance.between("abc", "")).isEqualTo(3);
        assertThat(EditDistance.between("a\ud83d\ude00c", "ac")).isEqualTo(1);
        assertThat(EditDistance.between(List.of("to", "be"), List.of("not", "to", "be"))).isEqualTo(1);
        EditDistance words = new EditDistance();
        assertThat(words.errorRate()).isNaN();
        words.addWords(" the  cat sat", "the cat sat on");
        words.addWords("", "");
        assertThat(words.errorRate()).isEqualTo(0.25);
        assertThat(words.exactShare()).isEqualTo(0.5);
        EditDistance characters = new EditDistance();
        characters.addCharacters("abcd", "a");
        assertThat(characters.errorRate()).isEqualTo(3);
        assertThat(characters.edits()).isEqualTo(3);
    }

    /** Against the definition: every way of editing, tried recursively. */
    @Test
    void editDistanceIsTheLeast() {
        var random = new java.util.SplittableRandom(8);
        for (int i = 0; i < 200; i++) {
            int[] a = random.ints(random.nextInt(6), 0, 3).toArray();
            int[] b = random.ints(random.nextInt(6), 0, 3).toArray();
            assertThat(EditDistance.between(a, b)).isEqualTo(slow(a, b, a.length, b.length));
        }
    }

    private static int slow(int[] a, int[] b, int i, int j) {
        if (i == 0 || j == 0) {
            return i + j;
        }
        int kept = slow(a, b, i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
        return Math.min(kept, 1 + Math.min(slow(a, b, i - 1, j), slow(a, b, i, j - 1)));
    }

    @Test
    void imagesMustBeComparable() {
        assertThatThrownBy(() -> ImageQuality.psnr(Tensor.zeros(2, 2), Tensor.zeros(4), 1)).hasMessageContaining("differ in shape");
        assertThatThrownBy(() -> ImageQuality.psnr(Tensor.zeros(4), Tensor.zeros(4), 0)).hasMessageContaining("range must be positive");
        assertThatThrownBy(() -> ImageQuality.ssim(Tensor.zeros(20, 10), Tensor.zeros(20, 10), 1))
                .hasMessage("ssim: needs images [..., H, W] of at least 11 x 11, not f32[20, 10]");
    }
}
