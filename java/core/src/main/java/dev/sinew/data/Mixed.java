package dev.sinew.data;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Draw;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * Samples that are mixed with another one of the data set, and their targets in the same proportion: soft labels, for a loss
 * that takes probabilities. Partner and proportion are drawn for every sample anew in every epoch, from the seed, the epoch
 * and the index alone.
 *
 * <ul>
 * <li>{@link #up}: lambda x + (1 - lambda) x' with lambda of Beta(alpha, alpha) (H. Zhang et al.: "mixup: Beyond Empirical Risk
 * Minimization", 2018).
 * <li>{@link #cut}: a rectangle of x' of the share 1 - lambda of the area, its middle anywhere, and x around it; lambda is then
 * what really remains of x (S. Yun et al.: "CutMix", 2019).
 * </ul>
 */
public final class Mixed extends Wrapped {
    private final double alpha;
    private final boolean rectangle;
    private final Seed seed;
    private final long epoch;

    private Mixed(Dataset data, double alpha, boolean rectangle, Seed seed, long epoch) {
        super(data.classes() > 0 ? new OneHot(data) : data);
        this.alpha = alpha;
        this.rectangle = rectangle;
        this.seed = Objects.requireNonNull(seed, "seed");
        this.epoch = epoch;
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("mixed: alpha must be positive and finite, not " + alpha);
        }
        if (data.size() > Permutation.MAX_SIZE) {
            throw new IllegalArgumentException("mixed: " + data.size() + " samples are too many, at most " + Permutation.MAX_SIZE);
        }
        if (rectangle && data.inputShape().rank() != 3) {
            throw new IllegalArgumentException("mixed: needs images [channels, height, width] to cut, the samples are " + data.inputShape());
        }
    }

    /** Mixup; the paper used alpha 0.2 for ImageNet and 1 for CIFAR. */
    public static Mixed up(Dataset data, double alpha, Seed seed) {
        return new Mixed(data, alpha, false, seed, 0);
    }

    /** CutMix; the paper used alpha 1. */
    public static Mixed cut(Dataset data, double alpha, Seed seed) {
        return new Mixed(data, alpha, true, seed, 0);
    }

    /**
     * How a sample is mixed.
     *
     * @param partner the index of the other sample
     * @param share of the sample itself
     */
    private record Mix(long partner, double share, int top, int left, int bottom, int right) {}

    private Mix mix(long index) {
        Draw draw = Draw.of(seed.derive(epoch).derive(index), 0);
        long partner = draw.below((int) size());
        double share = draw.beta(alpha, alpha);
        if (!rectangle) {
            return new Mix(partner, share, 0, 0, 0, 0);
        }
        int height = (int) inputShape().dim(1);
        int width = (int) inputShape().dim(2);
        int cutHeight = (int) (height * Math.sqrt(1 - share));
        int cutWidth = (int) (width * Math.sqrt(1 - share));
        int top = draw.below(height) - cutHeight / 2;
        int left = draw.below(width) - cutWidth / 2;
        int bottom = Math.min(height, top + cutHeight);
        int right = Math.min(width, left + cutWidth);
        top = Math.max(0, top);
        left = Math.max(0, left);
        return new Mix(partner, 1 - (double) (bottom - top) * (right - left) / ((double) height * width), top, left, bottom, right);
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        Mix mix = mix(index);
        float[] own = values(index, false);
        float[] other = values(mix.partner, false);
        if (rectangle) {
            int height = (int) inputShape().dim(1);
            int width = (int) inputShape().dim(2);
            for (int c = 0; c < inputShape().dim(0); c++) {
                for (int y = mix.top; y < mix.bottom; y++) {
                    int row = (c * height + y) * width;
                    System.arraycopy(other, row + mix.left, own, row + mix.left, mix.right - mix.left);
                }
            }
        } else {
            blend(own, other, mix.share);
        }
        input.put(own);
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        Mix mix = mix(index);
        float[] own = values(index, true);
        blend(own, values(mix.partner, true), mix.share);
        target.put(own);
    }

    private float[] values(long index, boolean target) throws IOException {
        FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact((target ? targetShape() : inputShape()).count()));
        if (target) {
            data.readTarget(index, buffer);
        } else {
            data.read(index, buffer);
        }
        return buffer.array();
    }

    private static void blend(float[] own, float[] other, double share) {
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (share * own[i] + (1 - share) * other[i]);
        }
    }

    @Override
    public Dataset inEpoch(long number) {
        return new Mixed(data.inEpoch(number), alpha, rectangle, seed, number);
    }

    @Override
    public String toString() {
        return data + (rectangle ? " with rectangles of others, alpha " : " mixed, alpha ") + alpha;
    }
}
