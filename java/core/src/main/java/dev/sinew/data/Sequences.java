package dev.sinew.data;

import dev.sinew.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Sequences of numbers, such as texts encoded by a {@link Vocabulary}, each with a label or with the sequence that is to be
 * predicted. Samples are [length]: shorter sequences are filled up at their end with {@link Vocabulary#PADDING}, longer ones
 * cut off. Numbers are whole and below 2^24, so that floats hold them exactly.
 */
public final class Sequences implements Dataset {
    private static final int MOST = 1 << 24;

    private final int[][] sequences;
    private final int[][] targets;
    private final int[] labels;
    private final int classes;
    private final int length;

    private Sequences(int[][] sequences, int[][] targets, int[] labels, int classes, int length) {
        this.sequences = sequences;
        this.targets = targets;
        this.labels = labels;
        this.classes = classes;
        this.length = length;
    }

    /**
     * Sequences with labels.
     *
     * @param labels one for each, from 0 up to classes, exclusive
     * @param length what they are filled up or cut to
     */
    public static Sequences labelled(List<int[]> sequences, int[] labels, int classes, int length) {
        check(sequences, labels.length, length);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("sequences: label " + labels[i] + " of sequence " + i + " is not within 0 to " + (classes - 1));
            }
        }
        return new Sequences(copy(sequences), null, labels.clone(), classes, length);
    }

    /** Sequences with sequences of numbers to predict, of the same length: targets of shape [length]. */
    public static Sequences paired(List<int[]> sequences, List<int[]> targets, int length) {
        check(sequences, targets.size(), length);
        check(targets, sequences.size(), length);
        return new Sequences(copy(sequences), copy(targets), null, 0, length);
    }

    /**
     * A long text cut into pieces, each to be predicted from the number before: piece i is numbers i length to (i + 1) length,
     * its target the same one further on. What does not fill a last piece is left out.
     */
    public static Sequences next(int[] text, int length) {
        int pieces = length < 1 ? 0 : (text.length - 1) / length;
        if (pieces < 1) {
            throw new IllegalArgumentException("sequences: a text of " + text.length + " has no piece of length " + length + " with a next one");
        }
        List<int[]> inputs = new ArrayList<>();
        List<int[]> targets = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            inputs.add(Arrays.copyOfRange(text, i * length, (i + 1) * length));
            targets.add(Arrays.copyOfRange(text, i * length + 1, (i + 1) * length + 1));
        }
        return paired(inputs, targets, length);
    }

    private static void check(List<int[]> sequences, int others, int length) {
        if (sequences.isEmpty() || sequences.size() != others || length < 1) {
            throw new IllegalArgumentException("sequences: " + sequences.size() + " sequences with " + others + " answers at length " + length);
        }
        for (int i = 0; i < sequences.size(); i++) {
            for (int number : sequences.get(i)) {
                if (number < 0 || number >= MOST) {
                    throw new IllegalArgumentException("sequences: number " + number + " of sequence " + i + " is not within 0 to " + (MOST - 1));
                }
            }
        }
    }

    private static int[][] copy(List<int[]> sequences) {
        return sequences.stream().map(int[]::clone).toArray(int[][]::new);
    }

    /**
     * The sequences divided by their length, so that little is padding: those of at most the first bound, filled up to it,
     * then those of at most the second, and so on; the last bound cuts what is longer. Buckets without a sequence are left out.
     *
     * @param bounds ascending
     */
    public List<Sequences> buckets(int... bounds) {
        if (bounds.length == 0 || bounds[0] < 1) {
            throw new IllegalArgumentException("sequences: needs bounds from 1 on, not " + Arrays.toString(bounds));
        }
        List<Sequences> buckets = new ArrayList<>();
        int from = -1;
        for (int b = 0; b < bounds.length; b++) {
            if (b > 0 && bounds[b] <= bounds[b - 1]) {
                throw new IllegalArgumentException("sequences: the bounds must ascend: " + Arrays.toString(bounds));
            }
            int least = from;
            int most = b == bounds.length - 1 ? Integer.MAX_VALUE : bounds[b];
            int[] chosen = java.util.stream.IntStream.range(0, sequences.length)
                    .filter(i -> sequences[i].length > least && sequences[i].length <= most).toArray();
            if (chosen.length > 0) {
                buckets.add(new Sequences(pick(sequences, chosen), targets == null ? null : pick(targets, chosen),
                        labels == null ? null : Arrays.stream(chosen).map(i -> labels[i]).toArray(), classes, bounds[b]));
            }
            from = bounds[b];
        }
        return buckets;
    }

    private static int[][] pick(int[][] all, int[] chosen) {
        return Arrays.stream(chosen).mapToObj(i -> all[i]).toArray(int[][]::new);
    }

    /** The length of a sequence, without padding, after cutting. */
    public int length(long index) {
        return Math.min(length, sequences[(int) Objects.checkIndex(index, size())].length);
    }

    @Override
    public long size() {
        return sequences.length;
    }

    @Override
    public Shape inputShape() {
        return Shape.of(length);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void read(long index, FloatBuffer input) {
        put(sequences[(int) Objects.checkIndex(index, size())], input);
    }

    private void put(int[] sequence, FloatBuffer buffer) {
        for (int i = 0; i < length; i++) {
            buffer.put(i < sequence.length ? sequence[i] : Vocabulary.PADDING);
        }
    }

    @Override
    public int label(long index) {
        if (labels == null) {
            throw new UnsupportedOperationException("these sequences have sequences to predict instead of labels");
        }
        return labels[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public Shape targetShape() {
        return labels != null ? Shape.scalar() : Shape.of(length);
    }

    @Override
    public void readTarget(long index, FloatBuffer target) {
        if (targets == null) {
            throw new UnsupportedOperationException("these sequences have labels instead of sequences to predict");
        }
        put(targets[(int) Objects.checkIndex(index, size())], target);
    }

    @Override
    public String toString() {
        return size() + " sequences of length " + length;
    }
}
