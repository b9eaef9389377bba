package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Fill;
import dev.sinew.op.GroupNorm;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduce;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;

/** Normalisation of batches and of samples by their own values. */
public final class Normalization {
    private Normalization() {}

    /** How local response normalisation counts and where an even window lies. */
    public enum ResponseForm {
        /** PyTorch and Caffe: alpha / size, channels c - size/2 to c + (size - 1)/2 (rounded down). */
        MEAN,
        /** The AlexNet paper and MatConvNet: alpha as it is, channels c - (size - 1)/2 to c + size/2 (rounded down). */
        SUM
    }

    /**
     * Layer normalisation over the last dimensions (Ba et al. 2016): y = weight (x - mean) / sqrt(var + eps) + bias, mean and
     * biased variance being those of each block of the last {@code dims} dimensions.
     *
     * @param dims how many dimensions, from 1 to x's rank
     * @param weightOrNull of the shape of these dimensions
     * @param biasOrNull likewise; needs a weight
     */
    public static Tensor layerNorm(Tensor x, int dims, Tensor weightOrNull, Tensor biasOrNull, double eps) {
        return overLast("layer_norm", x, dims, weightOrNull, biasOrNull, new GroupNorm(1, eps, false));
    }

    /**
     * Root-mean-square normalisation over the last dimensions (Zhang, Sennrich 2019): y = weight x / sqrt(mean of x^2 + eps).
     *
     * @param dims how many dimensions, from 1 to x's rank
     * @param weightOrNull of the shape of these dimensions
     */
    public static Tensor rmsNorm(Tensor x, int dims, Tensor weightOrNull, double eps) {
        return overLast("rms_norm", x, dims, weightOrNull, null, new GroupNorm(1, eps, true));
    }

    private static Tensor overLast(String what, Tensor x, int dims, Tensor weight, Tensor bias, GroupNorm op) {
        Shape shape = x.shape();
        if (dims < 1 || dims > shape.rank()) {
            throw new IllegalArgumentException(what + ": dims must be from 1 to the rank of " + shape + ", not " + dims);
        }
        long[] last = Arrays.copyOfRange(shape.dims(), shape.rank() - dims, shape.rank());
        Shape block = Shape.of(last);
        Tensor flat = x.reshape(-1, block.count());
        Tensor[] parameters = affine(what, weight, bias, block);
        return Ops.applyAll(op, Ops.present(flat, flat(parameters[0]), flat(parameters[1])))[0].reshape(shape.dims());
    }

    private static Tensor flat(Tensor parameter) {
        return parameter == null || parameter.shape().rank() == 1 ? parameter : parameter.reshape(-1);
    }

    /** The two, checked. */
    private static Tensor[] affine(String what, Tensor weight, Tensor bias, Shape shape) {
        if (weight == null && bias != null) {
            throw new IllegalArgumentException(what + ": a bias needs a weight");
        }
        for (Tensor parameter : Ops.present(weight, bias)) {
            if (!parameter.shape().equals(shape)) {
                throw new IllegalArgumentException(what + ": weight and bias must have shape " + shape + ", not " + parameter.shape());
            }
        }
        return new Tensor[] {weight, bias};
    }

    /**
     * Batch normalisation of x [N, C, ...] (Ioffe, Szegedy 2015): y = weight (x - mean) / sqrt(var + eps) + bias for each channel. In
     * training mean and biased variance are those of the batch, over N and all positions, and the running statistics are moved; else
     * they are the running ones. Without running statistics they are always the batch's.
     *
     * @param weightOrNull [C]
     * @param biasOrNull [C]; needs a weight
     * @param runningOrNull [C] each; changed in training
     */
    public static Tensor batchNorm(Tensor x, Tensor weightOrNull, Tensor biasOrNull, RunningStatistics runningOrNull, boolean training, double eps) {
        BatchStatistics norm = statistics("batch_norm", x, weightOrNull, biasOrNull, eps);
        Tensor y = training || runningOrNull == null ? norm.batch(runningOrNull) : norm.infer(runningOrNull);
        return like(x, y);
    }

    private static BatchStatistics statistics(String what, Tensor x, Tensor weightOrNull, Tensor biasOrNull, double eps) {
        Tensor[] parameters = affine(what, weightOrNull, biasOrNull, Shape.of(channels(what, x)));
        return new BatchStatistics(image(x), parameters[0], parameters[1], eps);
    }

    private static Tensor like(Tensor x, Tensor y) {
        return y.shape().equals(x.shape()) ? y : y.reshape(x.shape().dims());
    }

    /**
     * Group normalisation of x [N, C, ...] (Wu, He 2018): mean and biased variance over each group of C / groups channels that
     * follow each other, and all positions; weight and bias for each channel.
     *
     * @param weightOrNull [C]
     * @param biasOrNull [C]; needs a weight
     */
    public static Tensor groupNorm(Tensor x, long groups, Tensor weightOrNull, Tensor biasOrNull, double eps) {
        Shape channels = Shape.of(channels("group_norm", x));
        Tensor[] parameters = affine("group_norm", weightOrNull, biasOrNull, channels);
        Tensor image = image(x);
        Tensor y = Ops.applyAll(new GroupNorm(groups, eps, false), Ops.present(image, parameters[0], parameters[1]))[0];
        return like(x, y);
    }

    /** Instance normalisation of x [N, C, ...] (Ulyanov et al. 2016): every channel of every sample by itself. */
    public static Tensor instanceNorm(Tensor x, Tensor weightOrNull, Tensor biasOrNull, double eps) {
        return groupNorm(x, channels("instance_norm", x), weightOrNull, biasOrNull, eps);
    }

    /**
     * Instance normalisation with running statistics: in training {@link #instanceNorm(Tensor, Tensor, Tensor, double)}, and the running
     * statistics are moved towards the means over N of the samples' means and unbiased variances; else by the running statistics.
     *
     * @param runningOrNull [C] each; null: every sample always by itself
     */
    public static Tensor instanceNorm(Tensor x, Tensor weightOrNull, Tensor biasOrNull, RunningStatistics runningOrNull, boolean training, double eps) {
        BatchStatistics norm = statistics("instance_norm", x, weightOrNull, biasOrNull, eps);
        if (training && runningOrNull != null && x.shape().count() == x.shape().dim(0) * x.shape().dim(1)) {
            throw new IllegalArgumentException("instance_norm: running statistics need at least 2 values per channel of a sample, x is " + x.shape());
        }
        return like(x, training || runningOrNull == null ? norm.instance(runningOrNull) : norm.infer(runningOrNull));
    }

    private static long channels(String what, Tensor x) {
        if (x.shape().rank() < 2) {
            throw new IllegalArgumentException(what + ": needs [N, C, ...], not " + x.shape());
        }
        return x.shape().dim(1);
    }

    /** [N, C] and [N, C, H, W] as they are, every other [N, C, ...] as [N, C, positions, last size]. */
    static Tensor image(Tensor x) {
        int rank = x.shape().rank();
        if (rank == 2 || rank == 4) {
            return x;
        }
        Shape s = x.shape();
        return rank == 3 ? x.reshape(s.dim(0), s.dim(1), s.dim(2), 1) : x.reshape(s.dim(0), s.dim(1), -1, s.dim(rank - 1));
    }

    /**
     * Local response normalisation across channels of x [N, C, ...] (Krizhevsky et al. 2012, section 3.3): y = x / (k + a S)^beta,
     * S being the sum of x^2 over a window of channels, channels outside counting as 0, and a = alpha / size or alpha.
     *
     * @param size channels in the window
     * @param form whether alpha is divided by the size, and where even windows lie
     */
    public static Tensor localResponseNorm(Tensor x, int size, double alpha, double beta, double k, ResponseForm form) {
        channels("local_response_norm", x);
        if (size < 1) {
            throw new IllegalArgumentException("local_response_norm: size must be at least 1, not " + size);
        }
        long before = form == ResponseForm.MEAN ? size / 2 : (size - 1) / 2;
        long[] front = new long[x.shape().rank()];
        long[] back = new long[x.shape().rank()];
        front[1] = before;
        back[1] = size - 1 - before;
        Tensor squares = x.square().pad(front, back, 0);
        Tensor sum = squares.slice(1, 0, x.shape().dim(1));
        for (int i = 1; i < size; i++) {
            sum = sum.add(squares.slice(1, i, x.shape().dim(1)));
        }
        Tensor base = Ops.apply(new Unary(Unary.Kind.AFFINE, form == ResponseForm.MEAN ? alpha / size : alpha, k), sum);
        return x.mul(base.log().mul(-beta).exp());
    }

    /**
     * A Gaussian window [size, size] whose values add up to 1: exp(-r^2 / (2 sigma^2)), r being the distance to the centre in
     * pixels.
     */
    public static Tensor gaussian(int size, double sigma) {
        if (size < 1 || size % 2 == 0 || !(sigma > 0)) {
            throw new IllegalArgumentException("gaussian: the size must be odd and sigma positive, not " + size + " and " + sigma);
        }
        float[] window = new float[size * size];
        double total = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < window.length; i++) {
                double dy = i / size - size / 2;
                double dx = i % size - size / 2;
                double value = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
                window[i] = (float) (value / total);
                total += pass == 0 ? value : 0;
            }
        }
        return Tensor.of(window, size, size);
    }

    /**
     * Subtractive normalisation of x [N, C, H, W] (Jarrett et al. 2009, section 2): x minus its weighted mean over a window and
     * all channels, v = x - sum of w x / C. Where the window reaches over the border, the weights inside are divided by their sum.
     *
     * @param window weights [S, S], S odd, such as {@link #gaussian}, of x's type
     */
    public static Tensor subtractive(Tensor x, Tensor window) {
        return x.sub(localMean(x, window), Broadcast.YES);
    }

    /**
     * Divisive normalisation of x [N, C, H, W] (Jarrett et al. 2009, section 2): y = x / max(c, s), s being the root of the
     * weighted mean of x^2 over a window and all channels, and c the mean of s over the image. s is at least 1e-4, as in Torch7.
     *
     * @param window weights [S, S], S odd, such as {@link #gaussian}, of x's type
     */
    public static Tensor divisive(Tensor x, Tensor window) {
        Tensor deviation = Activations.clamp(localMean(x.square(), window), 1e-8, Float.MAX_VALUE).sqrt();
        Tensor mean = deviation.mean(1, 2, 3).reshape(-1, 1, 1, 1);
        return x.div(deviation.maximum(mean, Broadcast.YES), Broadcast.YES);
    }

    /** Local contrast normalisation: {@link #subtractive}, then {@link #divisive}. */
    public static Tensor localContrast(Tensor x, Tensor window) {
        return divisive(subtractive(x, window), window);
    }

    /** [N, 1, H, W]: the weighted mean over the window and all channels. */
    private static Tensor localMean(Tensor x, Tensor window) {
        Shape s = x.shape();
        Shape w = window.shape();
        if (s.rank() != 4 || w.rank() != 2 || w.dim(0) != w.dim(1) || w.dim(0) % 2 == 0) {
            throw new IllegalArgumentException("local contrast: needs x [N, C, H, W] and a window [S, S], S odd, not " + s + " and " + w);
        }
        long size = w.dim(0);
        Window2d same = Window2d.of(size).pad(size / 2);
        Tensor kernel = window.reshape(1, 1, size, size);
        Tensor inside = Fill.with(x, new Spec(x.dtype(), Shape.of(1, 1, s.dim(2), s.dim(3)), Layout.ROW_MAJOR), 1).conv2d(kernel, null, same, 1);
        Tensor mean = Ops.apply(new Reduce(Reduce.Kind.MEAN, List.of(1), true), x);
        return mean.conv2d(kernel, null, same, 1).div(inside, Broadcast.YES);
    }
}
