package dev.sinew.data;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Draw;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * Samples that are mixed with another one of the data set, and their targets in the same proportion: soft labels, for a loss
 * that takes probabilities, such as {@link dev.sinew.nn.Loss#softCrossEntropy}. Partner and proportion are drawn for every sample
 * anew in every epoch, from the seed, the epoch and the index alone, so that they are the same for any number of threads.
 *
 * {@snippet :
 * Dataset mixed = Mixed.upOrCut(train, 0.2, 1, Seed.of(7)).chance(0.9);
 * Trainer.of(net, Loss.softCrossEntropy().smoothing(0.1), optimizer).validation(held).fit(mixed);
 * }
 *
 * <ul>
 * <li>{@link #up}: lambda x + (1 - lambda) x' with lambda of Beta(alpha, alpha) (H. Zhang et al.: "mixup: Beyond Empirical Risk
 * Minimization", 2018).
 * <li>{@link #cut}: a rectangle of x' of the share 1 - lambda of the area, its middle anywhere, and x around it; lambda is then
 * what really remains of x (S. Yun et al.: "CutMix", 2019).
 * <li>{@link #upOrCut}: one of the two, each for half of the samples.
 * </ul>
 *
 * <p>Labels become vectors of probabilities, see {@link Dataset#oneHot}; targets of another shape are numbers, and mixed as such.
 */
public final class Mixed extends Wrapped {
    /** Of mixup; 0: none. */
    private final double upAlpha;
    /** Of CutMix; 0: none. */
    private final double cutAlpha;
    private final double chance;
    private final Seed seed;
    private final long epoch;

    private Mixed(Dataset data, double upAlpha, double cutAlpha, double chance, Seed seed, long epoch) {
        super(data.classes() > 0 ? new OneHot(data) : data);
        this.upAlpha = upAlpha;
        this.cutAlpha = cutAlpha;
        this.chance = chance;
        this.seed = Objects.requireNonNull(seed, "seed");
        this.epoch = epoch;
        if (data.size() > Permutation.MAX_SIZE) {
            throw new IllegalArgumentException("mixed: " + data.size() + " samples are too many, at most " + Permutation.MAX_SIZE);
        }
        if (cutAlpha > 0 && data.inputShape().rank() != 3) {
            throw new IllegalArgumentException("mixed: needs images [channels, height, width] to cut, the samples are " + data.inputShape());
        }
    }

    /** Mixup; the paper used alpha 0.2 for ImageNet and 1 for CIFAR. */
    public static Mixed up(Dataset data, double alpha, Seed seed) {
        return new Mixed(data, positive(alpha), 0, 1, seed, 0);
    }

    /** CutMix; the paper used alpha 1. */
    public static Mixed cut(Dataset data, double alpha, Seed seed) {
        return new Mixed(data, 0, positive(alpha), 1, seed, 0);
    }

    /** Mixup or CutMix, each for half of the samples, chosen anew in every epoch. */
    public static Mixed upOrCut(Dataset data, double upAlpha, double cutAlpha, Seed seed) {
        return new Mixed(data, positive(upAlpha), positive(cutAlpha), 1, seed, 0);
    }

    /** The same with that share of the samples mixed, 0 to 1; the others stay as they are. */
    public Mixed chance(double share) {
        // written so that NaN fails
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("mixed: the share of samples must be from 0 to 1, not " + share);
        }
        return new Mixed(data, upAlpha, cutAlpha, share, seed, epoch);
    }

    private static double positive(double alpha) {
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("mixed: alpha must be positive and finite, not " + alpha);
        }
        return alpha;
    }

    /**
     * How a sample is mixed.
     *
     * @param partner the index of the other sample
     * @param share of the sample itself
     * @param rectangle {top, left, bottom, right} of what comes from the other one; null: the two are blended
     */
    private record Mix(long partner, double share, int[] rectangle) {}

    private Mix mix(long index) {
        Draw draw = Draw.of(seed.derive(epoch).derive(index), 0);
        long partner = draw.below((int) size());
        Draw which = Draw.of(seed.derive(epoch).derive(index), 1);
        if (!which.chance(chance)) {
            return new Mix(index, 1, null);
        }
        boolean cut = upAlpha == 0 || cutAlpha > 0 && which.chance(0.5);
        double share = cut ? draw.beta(cutAlpha, cutAlpha) : draw.beta(upAlpha, upAlpha);
        if (!cut) {
            return new Mix(partner, share, null);
        }
        int height = (int) inputShape().dim(1);
        int width = (int) inputShape().dim(2);
        int cutHeight = (int) (height * Math.sqrt(1 - share));
        int cutWidth = (int) (width * Math.sqrt(1 - share));
        int top = draw.below(height) - cutHeight / 2;
        int left = draw.below(width) - cutWidth / 2;
        int[] part = {Math.max(0, top), Math.max(0, left), Math.min(height, top + cutHeight), Math.min(width, left + cutWidth)};
        double area = (double) (part[2] - part[0]) * (part[3] - part[1]);
        return new Mix(partner, 1 - area / ((double) height * width), part);
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        Mix mix = mix(index);
        float[] own = values(index, false);
        float[] other = mix.share == 1 ? own : values(mix.partner, false);
        if (mix.rectangle != null) {
            int top = mix.rectangle[0];
            int left = mix.rectangle[1];
            int height = (int) inputShape().dim(1);
            int width = (int) inputShape().dim(2);
            for (int c = 0; c < inputShape().dim(0); c++) {
                for (int y = top; y < mix.rectangle[2]; y++) {
                    int at = (c * height + y) * width + left;
                    System.arraycopy(other, at, own, at, mix.rectangle[3] - left);
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
        if (buffer.hasRemaining()) {
            throw new IOException("only " + buffer.position() + " of " + buffer.capacity() + " numbers of the " + (target ? "target" : "input")
                    + " of sample " + index + " were put");
        }
        return buffer.array();
    }

    private static void blend(float[] own, float[] other, double share) {
        for (int i = 0; i < own.length && share < 1; i++) {
            own[i] = (float) (share * own[i] + (1 - share) * other[i]);
        }
    }

    @Override
    public Dataset inEpoch(long number) {
        return new Mixed(data.inEpoch(number), upAlpha, cutAlpha, chance, seed, number);
    }

    @Override
    public String toString() {
        String up = upAlpha > 0 ? " mixed, alpha " + upAlpha : "";
        String cut = cutAlpha > 0 ? " with rectangles of others, alpha " + cutAlpha : "";
        return data + up + (up.isEmpty() || cut.isEmpty() ? "" : ", or") + cut + (chance < 1 ? ", a share of " + chance : "");
    }
}
