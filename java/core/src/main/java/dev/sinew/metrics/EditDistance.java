package dev.sinew.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many insertions, deletions and substitutions make one sequence of another (Levenshtein 1966), and the error rates of
 * recognised text made of that. Pairs are added one after the other. Not thread-safe.
 */
public final class EditDistance {
    private long edits;
    private long length;
    private long pairs;
    private long exact;

    /** Of no pair yet. */
    public EditDistance() {}

    /** The distance of two sequences; in time proportional to the product of their lengths. */
    public static int between(int[] a, int[] b) {
        int[] previous = new int[b.length + 1];
        int[] current = new int[b.length + 1];
        Arrays.setAll(previous, j -> j);
        for (int i = 1; i <= a.length; i++) {
            current[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.min(substituted, 1 + Math.min(previous[j], current[j - 1]));
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length];
    }

    /** The distance of two texts in characters (Unicode code points). */
    public static int between(String a, String b) {
        return between(a.codePoints().toArray(), b.codePoints().toArray());
    }

    /** The distance of two lists, such as of words. */
    public static int between(List<?> a, List<?> b) {
        // numbers for the elements: equal ones get the same
        Map<Object, Integer> numbers = new HashMap<>();
        a.forEach(element -> numbers.putIfAbsent(element, numbers.size()));
        return between(a.stream().mapToInt(numbers::get).toArray(), b.stream().mapToInt(e -> numbers.getOrDefault(e, -1)).toArray());
    }

    /** Adds a recognised sequence and what it should have been. */
    public void add(int[] recognised, int[] truth) {
        count(between(recognised, truth), truth.length);
    }

    /** Adds a recognised text and what it should have been, compared by characters. */
    public void addCharacters(String recognised, String truth) {
        add(recognised.codePoints().toArray(), truth.codePoints().toArray());
    }

    /** Adds a recognised text and what it should have been, compared by words: what white space separates. */
    public void addWords(String recognised, String truth) {
        List<String> words = words(truth);
        count(between(words(recognised), words), words.size());
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private void count(int distance, int truth) {
        edits += distance;
        length += truth;
        pairs++;
        exact += distance == 0 ? 1 : 0;
    }

    /** The sum of the distances. */
    public long edits() {
        return edits;
    }

    /**
     * The sum of the distances divided by the length of what it should have been, over all pairs: the character or word error
     * rate. It may exceed 1; NaN when there was nothing to recognise.
     */
    public double errorRate() {
        return length == 0 ? Double.NaN : (double) edits / length;
    }

    /** The share of pairs without any error. */
    public double exactShare() {
        return pairs == 0 ? Double.NaN : (double) exact / pairs;
    }
}
