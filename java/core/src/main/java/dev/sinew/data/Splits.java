package dev.sinew.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ways to divide a data set into training and test parts. The same seed always gives the same parts; samples keep their
 * order. For a plain random division see {@link Dataset#split}.
 */
public final class Splits {
    /** Shuffles here draw from streams of their own, so that they are not the order of some epoch. */
    private static final long STREAM = -1000;

    private Splits() {}

    /**
     * A training and a test part with the same share of every class, as well as whole samples can have it; a class of two or
     * more samples comes into both.
     *
     * @param fraction the share of the training part, between 0 and 1
     */
    public static Split stratified(Dataset data, double fraction, long seed) throws IOException {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("stratified split: the fraction must lie between 0 and 1, not " + fraction);
        }
        int[] labels = labels("stratified split", data);
        int[] part = new int[labels.length];
        int[][] members = members(labels, data.classes());
        for (int c = 0; c < members.length; c++) {
            int count = members[c].length;
            int train = (int) Math.round(count * fraction);
            if (count > 1) {
                train = Math.clamp(train, 1, count - 1);
            }
            int[] order = shuffled(count, seed, c);
            for (int i = train; i < count; i++) {
                part[members[c][order[i]]] = 1;
            }
        }
        return split("stratified split", data, part, 1);
    }

    /** k divisions, in each of which another k-th of the samples, chosen at random, is the test part. */
    public static List<Split> kFold(Dataset data, int k, long seed) {
        int size = size("k-fold", data);
        int[] fold = new int[size];
        int[] order = shuffled(size, seed, -1);
        for (int i = 0; i < size; i++) {
            fold[order[i]] = (int) ((long) i * k / size);
        }
        return folds("k-fold", data, fold, k);
    }

    /** k divisions, in each of which another k-th of every class, as well as whole samples can have it, is the test part. */
    public static List<Split> stratifiedKFold(Dataset data, int k, long seed) throws IOException {
        int[] labels = labels("stratified k-fold", data);
        checkFolds("stratified k-fold", labels.length, k);
        int[] fold = new int[labels.length];
        int next = 0;
        int[][] members = members(labels, data.classes());
        for (int c = 0; c < members.length; c++) {
            for (int i : shuffled(members[c].length, seed, c)) {
                // dealt out like cards, the next class where the last one ended
                fold[members[c][i]] = next++ % k;
            }
        }
        return folds("stratified k-fold", data, fold, k);
    }

    /**
     * k divisions in which all samples of a group, such as the pictures of one patient, are in the same part. Groups are
     * dealt out the largest first, each to the smallest fold.
     *
     * @param groups one number for each sample
     * @param k at most as many as there are groups
     */
    public static List<Split> groupKFold(Dataset data, long[] groups, int k, long seed) {
        int size = size("group k-fold", data);
        if (groups.length != size) {
            throw new IllegalArgumentException("group k-fold: " + groups.length + " groups for " + size + " samples");
        }
        Map<Long, Integer> counts = new LinkedHashMap<>();
        for (long group : groups) {
            counts.merge(group, 1, Integer::sum);
        }
        checkFolds("group k-fold", counts.size(), k);
        List<Long> names = new ArrayList<>(counts.keySet());
        List<Long> dealt = new ArrayList<>();
        for (int i : shuffled(names.size(), seed, -1)) {
            dealt.add(names.get(i));
        }
        // stable: groups of equal size stay in their random order
        dealt.sort((a, b) -> counts.get(b) - counts.get(a));
        long[] sizes = new long[k];
        Map<Long, Integer> folds = new LinkedHashMap<>();
        for (long group : dealt) {
            int smallest = 0;
            for (int f = 1; f < k; f++) {
                smallest = sizes[f] < sizes[smallest] ? f : smallest;
            }
            sizes[smallest] += counts.get(group);
            folds.put(group, smallest);
        }
        return folds("group k-fold", data, Arrays.stream(groups).mapToInt(folds::get).toArray(), k);
    }

    /** The samples of some classes alone; labels and names stay. */
    public static Dataset ofClasses(Dataset data, int... classes) throws IOException {
        int[] labels = labels("samples of classes", data);
        boolean[] wanted = new boolean[data.classes()];
        for (int c : classes) {
            if (c < 0 || c >= wanted.length) {
                throw new IllegalArgumentException("samples of classes: there is no class " + c + " among " + wanted.length);
            }
            wanted[c] = true;
        }
        long[] chosen = java.util.stream.IntStream.range(0, labels.length).filter(i -> wanted[labels[i]]).asLongStream().toArray();
        if (chosen.length == 0) {
            throw new IllegalArgumentException("samples of classes: no sample is in one of " + Arrays.toString(classes));
        }
        return data.subset(chosen);
    }

    /** The label of every sample. */
    static int[] labels(String what, Dataset data) throws IOException {
        if (data.classes() < 1) {
            throw new IllegalArgumentException(what + ": the data have no classes");
        }
        int[] labels = new int[size(what, data)];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = data.label(i);
        }
        return labels;
    }

    private static int size(String what, Dataset data) {
        if (data.size() > Permutation.MAX_SIZE) {
            throw new IllegalArgumentException(what + ": " + data.size() + " samples are too many, at most " + Permutation.MAX_SIZE);
        }
        return (int) data.size();
    }

    private static int[][] members(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int[][] members = new int[classes][];
        Arrays.setAll(members, c -> new int[counts[c]]);
        int[] at = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            members[labels[i]][at[labels[i]]++] = i;
        }
        return members;
    }

    private static int[] shuffled(int size, long seed, int stream) {
        int[] order = new int[size];
        Permutation.fill(order, seed, STREAM - stream);
        return order;
    }

    private static void checkFolds(String what, int size, int k) {
        if (k < 2 || k > size) {
            throw new IllegalArgumentException(what + ": needs 2 to " + size + " folds, not " + k);
        }
    }

    private static List<Split> folds(String what, Dataset data, int[] fold, int k) {
        checkFolds(what, fold.length, k);
        List<Split> splits = new ArrayList<>();
        for (int f = 0; f < k; f++) {
            splits.add(split(what, data, fold, f));
        }
        return splits;
    }

    /** Those of that part for testing, the others for training. */
    private static Split split(String what, Dataset data, int[] part, int test) {
        long held = Arrays.stream(part).filter(p -> p == test).count();
        if (held == 0 || held == part.length) {
            throw new IllegalArgumentException(what + ": one part of " + part.length + " samples would be empty");
        }
        long[] train = new long[(int) (part.length - held)];
        long[] tested = new long[(int) held];
        int a = 0;
        int b = 0;
        for (int i = 0; i < part.length; i++) {
            if (part[i] == test) {
                tested[b++] = i;
            } else {
                train[a++] = i;
            }
        }
        return new Split(data.subset(train), data.subset(tested));
    }
}
