package dev.sinew.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What training minimises for a net with several outputs: the weighted sum of a loss for each.
 *
 * {@snippet :
 * // auxiliary classifiers, all for the same labels (Szegedy et al. 2014)
 * Objective.of("logits", Loss.crossEntropy()).and("aux1", Loss.crossEntropy(), 0.3).and("aux2", Loss.crossEntropy(), 0.3)
 * // two tasks, each with targets of its own
 * Objective.of("class", Loss.crossEntropy(), 1, "label").and("box", Loss.meanSquaredError(), 0.1, "corners")
 * }
 *
 * @param terms one for each loss
 */
public record Objective(List<Term> terms) {
    private static final String TARGET = "target";

    /**
     * A loss of one output.
     *
     * @param output the output's name, or that of any layer; empty: the net's only output that is not an auxiliary one
     * @param loss its loss
     * @param weight the factor of the loss
     * @param target the name of the targets; terms with the same name share them
     */
    public record Term(String output, Loss loss, double weight, String target) {
        /** Checks the arguments. */
        public Term {
            Objects.requireNonNull(output, "output");
            Objects.requireNonNull(loss, "loss");
            Objects.requireNonNull(target, "target");
            if (!Double.isFinite(weight)) {
                throw new IllegalArgumentException("objective: the weight of " + output + " must be finite, not " + weight);
            }
        }

        @Override
        public String toString() {
            return weight + "*" + loss + "(" + output + ", " + target + ")";
        }
    }

    /** Copies the list. */
    public Objective {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("objective: there must be at least one term");
        }
    }

    /** A loss of the net's only output. */
    public static Objective of(Loss loss) {
        return of("", loss);
    }

    /** A loss of one output. */
    public static Objective of(String output, Loss loss) {
        return of(output, loss, 1, TARGET);
    }

    /** A weighted loss of one output for targets of that name. */
    public static Objective of(String output, Loss loss, double weight, String target) {
        return new Objective(List.of(new Term(output, loss, weight, target)));
    }

    /** Plus a weighted loss of another output for the same targets as the first term's. */
    public Objective and(String output, Loss loss, double weight) {
        return and(output, loss, weight, terms.getFirst().target());
    }

    /** Plus a weighted loss of another output for targets of that name. */
    public Objective and(String output, Loss loss, double weight, String target) {
        List<Term> more = new ArrayList<>(terms);
        more.add(new Term(output, loss, weight, target));
        return new Objective(more);
    }

    /** The names of the targets, in the order in which terms first have them. */
    public List<String> targets() {
        return terms.stream().map(Term::target).distinct().toList();
    }

    /** Without the terms of auxiliary outputs: what is asked of the net after training. */
    public Objective main(Architecture architecture) {
        Map<String, ?> main = architecture.outputs();
        Map<String, ?> all = architecture.outputs(true);
        List<Term> kept = terms.stream().filter(term -> main.containsKey(term.output()) || !all.containsKey(term.output())).toList();
        return kept.isEmpty() ? this : new Objective(kept);
    }

    /** The names of the terms' outputs in that net. */
    public List<String> outputs(Architecture architecture) {
        Map<String, ?> main = new LinkedHashMap<>(architecture.outputs());
        if (main.size() > 1 && terms.stream().anyMatch(term -> term.output().isEmpty())) {
            throw new IllegalArgumentException("objective: the network has several outputs " + main.keySet()
                    + "; each loss needs the name of its output");
        }
        List<String> names = new ArrayList<>();
        for (Term term : terms) {
            names.add(term.output().isEmpty() ? main.keySet().iterator().next() : term.output());
        }
        return List.copyOf(names);
    }

    /** The loss where there is one with weight 1 of the only output. */
    @Override
    public String toString() {
        return equals(of(terms.getFirst().loss())) ? terms.getFirst().loss().toString()
                : terms.stream().map(Term::toString).collect(Collectors.joining(" + "));
    }
}
