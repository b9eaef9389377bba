package dev.sinew.functional;

import dev.sinew.Tensor;
import dev.sinew.op.CtcLoss;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Labels from steps without an alignment: the loss of connectionist temporal classification, and how its outputs are read.
 *
 * @param blank the class of the blank
 */
public record Ctc(int blank) {
    /** Adds to the score of a labelling, such as the weighted logarithm of a language model's probability. */
    @FunctionalInterface
    public interface LanguageModel {
        /** What it adds when {@code label} follows the labels of the prefix: 0 for nothing, -infinity to forbid it. */
        double score(int[] prefix, int label);

        /** What it adds when the labels end here. */
        default double end(int[] labels) {
            return 0;
        }
    }

    /**
     * A labelling that the search found.
     *
     * @param labels without blanks
     * @param logProbability of all of its alignments that the search followed
     * @param score that with what the language model added
     */
    public record Hypothesis(int[] labels, double logProbability, double score) {}

    /** Checks the blank. */
    public Ctc {
        if (blank < 0) {
            throw new IllegalArgumentException("ctc: the blank must be at least 0, not " + blank);
        }
    }

    /**
     * The loss, mean over the samples of each one's loss divided by its number of labels; see {@link CtcLoss}.
     *
     * @param logProbabilities [T, N, C], such as log-softmax gives them
     * @param labels int32 [N, S]
     * @param steps int32 [N]: how many of the steps each sample has
     * @param lengths int32 [N]: how many of the labels
     */
    public Tensor loss(Tensor logProbabilities, Tensor labels, Tensor steps, Tensor lengths) {
        return loss(logProbabilities, labels, steps, lengths, Reduction.MEAN, false);
    }

    /** The loss with a reduction; with zeroInfinity, labels that do not fit into their steps count as 0. */
    public Tensor loss(Tensor logProbabilities, Tensor labels, Tensor steps, Tensor lengths, Reduction reduction, boolean zeroInfinity) {
        return Ops.apply(new CtcLoss(reduction, blank, zeroInfinity), logProbabilities, labels, steps, lengths);
    }

    /**
     * The labels of the best class at every step, repetitions and blanks dropped: best path decoding (Graves et al. 2006,
     * section 3.2). The first of equals is taken.
     *
     * @param logProbabilities [T, C] of one sample; of a longer array give the sample's own steps
     */
    public int[] greedy(Tensor logProbabilities) {
        double[][] steps = steps(logProbabilities);
        List<Integer> labels = new ArrayList<>();
        int last = -1;
        for (double[] step : steps) {
            int best = 0;
            for (int k = 1; k < step.length; k++) {
                best = step[k] > step[best] ? k : best;
            }
            if (best != last && best != blank) {
                labels.add(best);
            }
            last = best;
        }
        return labels.stream().mapToInt(label -> label).toArray();
    }

    /** {@link #beamSearch(Tensor, int, LanguageModel)} without a language model. */
    public List<Hypothesis> beamSearch(Tensor logProbabilities, int width) {
        return beamSearch(logProbabilities, width, (prefix, label) -> 0);
    }

    /**
     * The labellings with the highest scores, best first: prefix beam search (Graves et al. 2006, section 3.2; with a language
     * model: Hannun et al. 2014, arXiv:1408.2873, algorithm 1). After every step the {@code width} best prefixes go on; with a
     * width that none exceeds the probabilities are exact.
     *
     * @param logProbabilities [T, C] of one sample
     * @param width at least 1
     * @param model adds to the scores when a label is appended, and at the end
     */
    public List<Hypothesis> beamSearch(Tensor logProbabilities, int width, LanguageModel model) {
        Objects.requireNonNull(model, "model");
        if (width < 1) {
            throw new IllegalArgumentException("ctc: the width of the beam must be at least 1, not " + width);
        }
        Prefix root = new Prefix(null, -1, 0);
        root.endsInBlank = 0;
        List<Prefix> beam = List.of(root);
        for (double[] step : steps(logProbabilities)) {
            beam = after(step, beam, width, model);
        }
        return beam.stream().map(prefix -> {
            int[] labels = prefix.labels();
            return new Hypothesis(labels, prefix.logProbability(), prefix.score() + model.end(labels));
        }).sorted(Comparator.comparingDouble((Hypothesis h) -> -h.score)).toList();
    }

    private List<Prefix> after(double[] step, List<Prefix> beam, int width, LanguageModel model) {
        Set<Prefix> reached = new LinkedHashSet<>();
        for (Prefix prefix : beam) {
            reached.add(prefix);
            double total = prefix.logProbability();
            prefix.nextInBlank = add(prefix.nextInBlank, total + step[blank]);
            if (prefix.label >= 0) {
                prefix.nextInLabel = add(prefix.nextInLabel, prefix.endsInLabel + step[prefix.label]);
            }
            for (int k = 0; k < step.length; k++) {
                // a repeated label is a new one only behind a blank
                double before = k == prefix.label ? prefix.endsInBlank : total;
                if (k == blank || before + step[k] == Double.NEGATIVE_INFINITY) {
                    continue;
                }
                Prefix longer = prefix.with(k, model);
                if (longer.bonus > Double.NEGATIVE_INFINITY) {
                    longer.nextInLabel = add(longer.nextInLabel, before + step[k]);
                    reached.add(longer);
                }
            }
        }
        reached.forEach(Prefix::advance);
        List<Prefix> best = new ArrayList<>(reached);
        best.sort(Comparator.comparingDouble(prefix -> -prefix.score()));
        best.stream().skip(width).forEach(Prefix::leave);
        return best.subList(0, Math.min(width, best.size()));
    }

    private double[][] steps(Tensor logProbabilities) {
        if (logProbabilities.shape().rank() != 2 || blank >= logProbabilities.shape().dim(1)) {
            throw new IllegalArgumentException("ctc: needs the log-probabilities [T, C] of one sample with C above the blank " + blank
                    + ", not " + logProbabilities.spec());
        }
        double[] values = logProbabilities.toDoubles();
        int classes = (int) logProbabilities.shape().dim(1);
        double[][] steps = new double[values.length / classes][];
        Arrays.setAll(steps, t -> Arrays.copyOfRange(values, t * classes, (t + 1) * classes));
        return steps;
    }

    /** log(exp(a) + exp(b)). */
    private static double add(double a, double b) {
        if (a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY) {
            return Math.max(a, b);
        }
        double m = Math.max(a, b);
        return m + Math.log1p(Math.exp(Math.min(a, b) - m));
    }

    /** A sequence of labels, one step longer than its parent. */
    private static final class Prefix {
        final Prefix parent;
        final int label;
        /** What the language model has added. */
        final double bonus;
        final Map<Integer, Prefix> children = new HashMap<>();
        double endsInBlank = Double.NEGATIVE_INFINITY;
        double endsInLabel = Double.NEGATIVE_INFINITY;
        double nextInBlank = Double.NEGATIVE_INFINITY;
        double nextInLabel = Double.NEGATIVE_INFINITY;

        Prefix(Prefix parent, int label, double bonus) {
            this.parent = parent;
            this.label = label;
            this.bonus = bonus;
        }

        Prefix with(int next, LanguageModel model) {
            return children.computeIfAbsent(next, k -> new Prefix(this, k, bonus + model.score(labels(), k)));
        }

        void advance() {
            endsInBlank = nextInBlank;
            endsInLabel = nextInLabel;
            nextInBlank = Double.NEGATIVE_INFINITY;
            nextInLabel = Double.NEGATIVE_INFINITY;
        }

        /** No longer in the beam; a longer prefix may bring it back. */
        void leave() {
            endsInBlank = Double.NEGATIVE_INFINITY;
            endsInLabel = Double.NEGATIVE_INFINITY;
        }

        double logProbability() {
            return add(endsInBlank, endsInLabel);
        }

        double score() {
            return logProbability() + bonus;
        }

        int[] labels() {
            List<Integer> list = new ArrayList<>();
            for (Prefix p = this; p.label >= 0; p = p.parent) {
                list.add(p.label);
            }
            return list.reversed().stream().mapToInt(label -> label).toArray();
        }
    }
}
