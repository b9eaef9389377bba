package dev.sinew.models;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer of S-cells (Fukushima 1980, with the similarity of his papers of 2003 and 2013): each plane looks for one feature at
 * all places. Where it sees x, and its feature is a, it responds with
 *
 * <p>{@code u = |x| max(s - theta, 0) / (1 - theta)}, with the similarity {@code s = (a, x) / (|a| |x|)}.
 *
 * <p>Products and lengths are weighted by c, a Gaussian over the window: {@code (a, x) = sum of c a x}. Inputs are at least 0.
 */
public final class SCells {
    /** Places with less than this share of the image's most activity have nothing to teach. */
    private static final double FAINT = 0.1;

    private final int size;
    private final double threshold;
    private final float[] window;
    /** The sum of what each plane has learned, every one at length 1. */
    private final List<float[]> sums = new ArrayList<>();

    /**
     * Cells without any feature yet.
     *
     * @param size of the window, odd
     * @param threshold theta, from 0 to below 1
     */
    public SCells(int size, double threshold) {
        if (size < 1 || size % 2 == 0 || !(threshold >= 0 && threshold < 1)) {
            throw new IllegalArgumentException("S-cells: the window must be odd and the threshold from 0 to below 1, not " + size + " and "
                    + threshold);
        }
        this.size = size;
        this.threshold = threshold;
        window = Normalization.gaussian(size, 0.3 * size).toFloats();
    }

    /** The number of features. */
    public int planes() {
        return sums.size();
    }

    /** The features, each of length 1: [planes, planes below, size, size]. */
    public Tensor features() {
        return stacked(sums, false);
    }

    /** The responses of all planes: [N, C, H, W] to [N, planes, H, W]. */
    public Tensor apply(Tensor x) {
        Tensor length = length(x);
        return similarity(x, length, stacked(sums, true)).sub(threshold).relu().mul(1 / (1 - threshold)).mul(length, Broadcast.YES);
    }

    /** |x| around each place: [N, 1, H, W]. */
    private Tensor length(Tensor x) {
        float[] weights = new float[Math.toIntExact(x.shape().dim(1)) * window.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = window[i % window.length];
        }
        return x.square().conv2d(Tensor.of(weights, 1, x.shape().dim(1), size, size), null, same(), 1).relu().sqrt();
    }

    private Tensor similarity(Tensor x, Tensor length, Tensor kernels) {
        return x.conv2d(kernels, null, same(), 1).div(length.add(1e-9), Broadcast.YES);
    }

    private Window2d same() {
        return Window2d.of(size).pad(size / 2);
    }

    private Tensor stacked(List<float[]> some, boolean weighted) {
        if (some.isEmpty()) {
            throw new IllegalStateException("S-cells: nothing has been learned yet");
        }
        int each = some.getFirst().length;
        float[] all = new float[some.size() * each];
        for (int k = 0; k < some.size(); k++) {
            float[] feature = normed(some.get(k));
            for (int i = 0; i < each; i++) {
                all[k * each + i] = weighted ? feature[i] * window[i % window.length] : feature[i];
            }
        }
        return Tensor.of(all, some.size(), each / window.length, size, size);
    }

    /**
     * Add-if-silent (Fukushima 2013): wherever there is something to see and nothing like it is known, a plane is added that
     * looks for just that, the places of most activity first.
     *
     * @param x [N, C, H, W], one image after the other
     * @param likeness what is at least so similar to a known feature is known; above theta, so that planes overlap
     */
    public void learn(Tensor x, double likeness) {
        for (long n = 0; n < x.shape().dim(0); n++) {
            try (var _ = Scope.open()) {
                Tensor image = x.slice(0, n, 1);
                Tensor length = length(image);
                float[] left = length.toFloats();
                double faint = FAINT * left[strongest(left)];
                if (!sums.isEmpty()) {
                    silence(left, similarity(image, length, stacked(sums, true)).max(1).toFloats(), likeness);
                }
                for (int place = strongest(left); left[place] > faint; place = strongest(left)) {
                    add(image, place);
                    left[place] = 0;
                    silence(left, similarity(image, length, stacked(List.of(sums.getLast()), true)).toFloats(), likeness);
                }
            }
        }
    }

    private static void silence(float[] left, float[] similarity, double likeness) {
        for (int i = 0; i < left.length; i++) {
            left[i] = similarity[i] >= likeness ? 0 : left[i];
        }
    }

    /** Adds a plane that looks for what is seen in the one image x, [1, C, H, W], around a place (row times width plus column). */
    public void add(Tensor x, int place) {
        sums.add(seen(x, place));
    }

    /** Where most is seen in the one image x, [1, C, H, W]: row times width plus column. */
    public int mostActive(Tensor x) {
        return strongest(length(x).toFloats());
    }

    /** Adds what is seen in the one image x, [1, C, H, W], around a place to what a plane looks for. */
    public void reinforce(int plane, Tensor x, int place) {
        float[] sum = sums.get(plane);
        float[] seen = seen(x, place);
        for (int i = 0; i < seen.length; i++) {
            sum[i] += seen[i];
        }
    }

    /** What lies in the window around a place, at length 1. */
    private float[] seen(Tensor x, int place) {
        long[] margin = {0, 0, size / 2, size / 2};
        long width = x.shape().dim(3);
        return normed(x.pad(margin, margin, 0).slice(2, place / width, size).slice(3, place % width, size).toFloats());
    }

    private float[] normed(float[] feature) {
        double square = 1e-30;
        for (int i = 0; i < feature.length; i++) {
            square += window[i % window.length] * (double) feature[i] * feature[i];
        }
        float[] normed = new float[feature.length];
        for (int i = 0; i < feature.length; i++) {
            normed[i] = (float) (feature[i] / Math.sqrt(square));
        }
        return normed;
    }

    /** Where the largest value is, the first of several. */
    static int strongest(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
