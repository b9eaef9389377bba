package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Scoped;
import dev.sinew.Tensor;
import dev.sinew.op.Reduction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Reading the outputs of CTC, against the enumeration of all alignments. */
@ExtendWith(Scoped.class)
class CtcTest {
    private static Tensor random(int steps, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Tensor.of(random.doubles((long) steps * classes, -2, 2).toArray(), steps, classes).logSoftmax();
    }

    /** The probability of every labelling that has an alignment. */
    private static Map<List<Integer>, Double> all(Tensor logProbabilities, int blank) {
        int steps = (int) logProbabilities.shape().dim(0);
        int classes = (int) logProbabilities.shape().dim(1);
        double[] x = logProbabilities.toDoubles();
        Map<List<Integer>, Double> sums = new HashMap<>();
        for (int path = 0; path < Math.pow(classes, steps); path++) {
            List<Integer> labels = new ArrayList<>();
            double sum = 0;
            int last = -1;
            int rest = path;
            for (int t = 0; t < steps; t++) {
                int k = rest % classes;
                rest /= classes;
                sum += x[t * classes + k];
                if (k != last && k != blank) {
                    labels.add(k);
                }
                last = k;
            }
            sums.merge(labels, Math.exp(sum), Double::sum);
        }
        return sums;
    }

    private static List<Integer> list(int[] labels) {
        return java.util.Arrays.stream(labels).boxed().toList();
    }

    @Test
    void aWideBeamFindsEveryLabellingWithItsProbability() {
        for (int blank = 0; blank < 3; blank++) {
            for (long seed = 1; seed <= 20; seed++) {
                Tensor x = random(5, 3, seed);
                Map<List<Integer>, Double> expected = all(x, blank);
                List<Ctc.Hypothesis> found = new Ctc(blank).beamSearch(x, 10_000);
                assertThat(found).hasSameSizeAs(expected.keySet());
                double before = Double.POSITIVE_INFINITY;
                for (Ctc.Hypothesis h : found) {
                    assertThat(Math.exp(h.logProbability())).isCloseTo(expected.get(list(h.labels())), within(1e-12));
                    assertThat(h.score()).isEqualTo(h.logProbability()).isLessThanOrEqualTo(before);
                    before = h.score();
                }
            }
        }
    }

    @Test
    void theProbabilityIsThatOfTheLoss() {
        Tensor x = random(6, 4, 3);
        for (Ctc.Hypothesis h : new Ctc(0).beamSearch(x, 10_000)) {
            int length = h.labels().length;
            Tensor labels = Tensor.of(length == 0 ? new int[1] : h.labels(), 1, Math.max(1, length));
            Tensor loss = new Ctc(0).loss(x.reshape(6, 1, 4), labels, Tensor.of(new int[] {6}, 1), Tensor.of(new int[] {length}, 1),
                    Reduction.SUM, false);
            assertThat(loss.item()).isCloseTo(-h.logProbability(), within(1e-10));
        }
    }

    @Test
    void aNarrowBeamKeepsItsWidthAndMostlyTheBest() {
        int best = 0;
        for (long seed = 1; seed <= 50; seed++) {
            Tensor x = random(6, 4, seed);
            List<Ctc.Hypothesis> narrow = new Ctc(0).beamSearch(x, 4);
            assertThat(narrow).hasSizeLessThanOrEqualTo(4);
            best += list(narrow.getFirst().labels()).equals(list(new Ctc(0).beamSearch(x, 10_000).getFirst().labels())) ? 1 : 0;
        }
        assertThat(best).isGreaterThan(40);
    }

    @Test
    void greedyTakesTheBestPath() {
        double[][] steps = {{0.1, 0.8, 0.1}, {0.1, 0.8, 0.1}, {0.8, 0.1, 0.1}, {0.1, 0.8, 0.1}, {0.1, 0.2, 0.7}, {0.6, 0.2, 0.2}};
        Tensor x = Tensor.of(java.util.Arrays.stream(steps).flatMapToDouble(java.util.Arrays::stream).map(Math::log).toArray(), 6, 3);
        assertThat(new Ctc(0).greedy(x)).containsExactly(1, 1, 2);
        assertThat(new Ctc(1).greedy(x)).containsExactly(0, 2, 0);
    }

    /** Each step prefers the blank, but together the label is likelier: what greedy reading cannot see. */
    @Test
    void theBeamAddsUpAlignments() {
        Tensor x = Tensor.of(new double[] {Math.log(0.6), Math.log(0.4), Math.log(0.6), Math.log(0.4)}, 2, 2);
        assertThat(new Ctc(0).greedy(x)).isEmpty();
        Ctc.Hypothesis best = new Ctc(0).beamSearch(x, 3).getFirst();
        assertThat(best.labels()).containsExactly(1);
        assertThat(Math.exp(best.logProbability())).isCloseTo(0.64, within(1e-12));
    }

    @Test
    void aLanguageModelChangesTheOrder() {
        Tensor x = random(4, 3, 5);
        Map<List<Integer>, Double> probabilities = all(x, 0);
        Ctc.LanguageModel model = new Ctc.LanguageModel() {
            @Override
            public double score(int[] prefix, int label) {
                return prefix.length > 0 && prefix[prefix.length - 1] == label ? Double.NEGATIVE_INFINITY : label == 2 ? 1.5 : -0.5;
            }

            @Override
            public double end(int[] labels) {
                return labels.length == 2 ? 2 : 0;
            }
        };
        List<Ctc.Hypothesis> found = new Ctc(0).beamSearch(x, 1000, model);
        double best = Double.NEGATIVE_INFINITY;
        for (var entry : probabilities.entrySet()) {
            double score = Math.log(entry.getValue()) + (entry.getKey().size() == 2 ? 2 : 0);
            for (int i = 0; i < entry.getKey().size(); i++) {
                boolean repeated = i > 0 && entry.getKey().get(i).equals(entry.getKey().get(i - 1));
                score += repeated ? Double.NEGATIVE_INFINITY : entry.getKey().get(i) == 2 ? 1.5 : -0.5;
            }
            best = Math.max(best, score);
        }
        assertThat(found.getFirst().score()).isCloseTo(best, within(1e-12));
        assertThat(found).noneMatch(h -> h.labels().length == 2 && h.labels()[0] == h.labels()[1]);
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatThrownBy(() -> new Ctc(-1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ctc: the blank")
                .hasMessageContaining("-1");
        Tensor x = random(2, 3, 1);
        assertThatThrownBy(() -> new Ctc(0).beamSearch(x, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1, not 0");
        assertThatThrownBy(() -> new Ctc(3).greedy(x)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("above the blank 3");
        assertThatThrownBy(() -> new Ctc(0).greedy(x.reshape(6))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[T, C]");
        assertThatThrownBy(() -> new Ctc(0).loss(x.reshape(2, 1, 3), Tensor.of(new int[] {0}, 1, 1), Tensor.of(new int[] {2}, 1),
                Tensor.of(new int[] {1}, 1)))
                .as("the blank is no label").isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ctc_loss(");
    }
}
