package dev.sinew.functional;

import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sums of products after Einstein's convention, made of permutations, sums and products of matrices. */
public final class Einsum {
    private static final String DOTS = "...";

    private Einsum() {}

    /** A tensor whose dimensions have these labels, each at most once. */
    private record Term(Tensor x, String labels) {
        long size(char label) {
            return x.shape().dim(labels.indexOf(label));
        }

        /** [a group's product, ...]: the dimensions in this order, each group as one. */
        Tensor grouped(String... groups) {
            long[] sizes = Arrays.stream(groups).mapToLong(group -> group.chars().mapToLong(c -> size((char) c)).reduce(1, (a, b) -> a * b))
                    .toArray();
            return ordered(String.join("", groups)).reshape(sizes);
        }

        Tensor ordered(String order) {
            return order.equals(labels) ? x : x.permute(order.chars().map(labels::indexOf).toArray());
        }

        /** Summed over the dimensions whose labels are not among those. */
        Term keeping(String wanted) {
            String kept = only(labels, wanted);
            if (kept.equals(labels)) {
                return this;
            }
            int[] dims = labels.chars().filter(c -> kept.indexOf(c) < 0).map(labels::indexOf).toArray();
            return new Term(x.sum(dims).reshape(kept.chars().mapToLong(c -> size((char) c)).toArray()), kept);
        }
    }

    /**
     * The sum over all labels that the result does not have of the product of elements, such as
     * {@code y[b,i,k] = sum over j of x[b,i,j] z[b,j,k]} for {@code "bij,bjk->bik"} (torch.einsum). Several tensors are
     * multiplied from the left to the right.
     *
     * @param equation for each tensor its labels, letters, one for each dimension, with commas between; then {@code ->} and the
     *     labels of the result. A label that a tensor has twice means its diagonal. {@code ...} stands for further dimensions,
     *     which broadcast. Without {@code ->} the result has these and, in alphabetical order, the labels that come up once
     * @param x as many as the equation has; the sizes of a label are equal, or 1, which is repeated
     * @throws IllegalArgumentException naming the equation, the shapes and the label that does not fit
     */
    public static Tensor of(String equation, Tensor... x) {
        String[] sides = equation.replace(" ", "").split("->", -1);
        String[] inputs = sides[0].split(",", -1);
        if (sides.length > 2 || inputs.length != x.length) {
            throw error(equation, x, "is for " + inputs.length + " tensors and one result, not for these " + x.length);
        }
        int dots = 0;
        for (int i = 0; i < x.length; i++) {
            int letters = letters(equation, inputs[i], x);
            dots = inputs[i].contains(DOTS) ? Math.max(dots, x[i].shape().rank() - letters) : dots;
        }
        LinkedList<Term> terms = new LinkedList<>();
        for (int i = 0; i < x.length; i++) {
            String labels = expanded(inputs[i], x[i].shape().rank() - inputs[i].replace(DOTS, "").length());
            if (labels.length() != x[i].shape().rank()) {
                throw error(equation, x, "has " + labels.length() + " labels for " + x[i].shape());
            }
            terms.add(diagonal(equation, x[i], labels, x));
        }
        String output = sides.length == 2 ? output(equation, sides[1], dots, terms, x) : implied(sides[0], dots);
        broadcast(equation, terms, x);
        while (terms.size() > 1) {
            Term a = terms.removeFirst();
            Term b = terms.removeFirst();
            terms.addFirst(product(a, b, output + terms.stream().map(Term::labels).collect(Collectors.joining())));
        }
        return terms.getFirst().keeping(output).ordered(output);
    }

    // ---- the equation ----

    /** How many letters there are; nothing else may be there but dots. */
    private static int letters(String equation, String side, Tensor... x) {
        String letters = side.replaceFirst("\\.\\.\\.", "");
        if (!letters.matches("[A-Za-z]*")) {
            throw error(equation, x, "has labels that are no letters: " + side);
        }
        return letters.length();
    }

    /** With digits for the dimensions that the dots stand for, counted from the last one. */
    private static String expanded(String labels, int dots) {
        StringBuilder digits = new StringBuilder();
        for (int i = dots - 1; i >= 0; i--) {
            digits.append((char) ('0' + i));
        }
        return labels.replace(DOTS, digits);
    }

    private static String output(String equation, String side, int dots, List<Term> terms, Tensor... x) {
        letters(equation, side, x);
        String all = terms.stream().map(Term::labels).collect(Collectors.joining());
        String labels = expanded(side, dots).chars().filter(c -> Character.isLetter(c) || all.indexOf(c) >= 0).mapToObj(Character::toString)
                .collect(Collectors.joining());
        for (char label : labels.toCharArray()) {
            if (all.indexOf(label) < 0 || labels.indexOf(label) != labels.lastIndexOf(label)) {
                throw error(equation, x, "gives the label " + label + (all.indexOf(label) < 0 ? ", which no tensor has" : " twice"));
            }
        }
        return labels;
    }

    private static String implied(String inputs, int dots) {
        String letters = inputs.chars().filter(Character::isLetter).filter(c -> inputs.indexOf(c) == inputs.lastIndexOf(c)).sorted()
                .mapToObj(Character::toString).collect(Collectors.joining());
        return (inputs.contains(DOTS) ? expanded(DOTS, dots) : "") + letters;
    }

    private static String only(String labels, String wanted) {
        return labels.chars().filter(c -> wanted.indexOf(c) >= 0).mapToObj(Character::toString).collect(Collectors.joining());
    }

    private static String without(String labels, String others) {
        return labels.chars().filter(c -> others.indexOf(c) < 0).mapToObj(Character::toString).collect(Collectors.joining());
    }

    // ---- the tensors ----

    /** Of labels that come up twice the elements whose indices are equal. */
    private static Term diagonal(String equation, Tensor tensor, String all, Tensor... x) {
        Tensor y = tensor;
        String labels = all;
        for (int i = 0; i < labels.length(); i++) {
            char label = labels.charAt(i);
            int j = labels.indexOf(label, i + 1);
            if (j < 0) {
                continue;
            }
            long n = y.shape().dim(i);
            if (y.shape().dim(j) != n) {
                throw error(equation, x, "has no diagonal " + label + " of sizes " + n + " and " + y.shape().dim(j));
            }
            int second = i;
            int[] rest = IntStream.range(0, labels.length()).filter(d -> d != second && d != j).toArray();
            int[] order = Arrays.copyOf(rest, labels.length());
            order[rest.length] = i;
            order[rest.length + 1] = j;
            long[] sizes = new long[rest.length + 1];
            StringBuilder names = new StringBuilder();
            for (int d = 0; d < rest.length; d++) {
                sizes[d] = y.shape().dim(rest[d]);
                names.append(labels.charAt(rest[d]));
            }
            sizes[rest.length] = n * n;
            y = y.permute(order).reshape(sizes).slice(rest.length, 0, n, n + 1);
            labels = names.append(label).toString();
            i = -1;
        }
        return new Term(y, labels);
    }

    /** Every label has one size in all terms. */
    private static void broadcast(String equation, List<Term> terms, Tensor... x) {
        Map<Character, Long> sizes = new HashMap<>();
        for (Term term : terms) {
            for (char label : term.labels.toCharArray()) {
                sizes.merge(label, term.size(label), Math::max);
            }
        }
        terms.replaceAll(term -> {
            long[] wanted = term.labels.chars().mapToLong(c -> sizes.get((char) c)).toArray();
            for (int d = 0; d < wanted.length; d++) {
                if (term.x.shape().dim(d) != wanted[d] && term.x.shape().dim(d) != 1) {
                    char label = term.labels.charAt(d);
                    throw error(equation, x, "has different sizes of " + (Character.isDigit(label) ? DOTS : label) + ": " + term.x.shape().dim(d)
                            + " and " + wanted[d]);
                }
            }
            return Arrays.equals(term.x.shape().dims(), wanted) ? term : new Term(term.x.broadcastTo(wanted), term.labels);
        });
    }

    /** Summed over the labels of both that nobody needs any more. */
    private static Term product(Term left, Term right, String needed) {
        Term a = left.keeping(needed + right.labels);
        Term b = right.keeping(needed + left.labels);
        String shared = only(a.labels, b.labels);
        String batch = only(shared, needed);
        String summed = without(shared, needed);
        String rows = without(a.labels, shared);
        String columns = without(b.labels, shared);
        Tensor y = batch.isEmpty() ? a.grouped(rows, summed).matmul(b.grouped(summed, columns))
                : a.grouped(batch, rows, summed).matmul(b.grouped(batch, summed, columns));
        List<Long> sizes = new ArrayList<>();
        (batch + rows).chars().forEach(c -> sizes.add(a.size((char) c)));
        columns.chars().forEach(c -> sizes.add(b.size((char) c)));
        return new Term(y.reshape(sizes.stream().mapToLong(Long::longValue).toArray()), batch + rows + columns);
    }

    private static IllegalArgumentException error(String equation, Tensor[] x, String rule) {
        return new IllegalArgumentException("einsum: \"" + equation + "\" " + rule + "; the shapes are "
                + Arrays.stream(x).map(t -> t.shape().toString()).collect(Collectors.joining(", ")));
    }
}
