package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.Dropouts;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Padding;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Resampling;
import dev.sinew.functional.Window;
import java.util.Arrays;
import java.util.List;

/** Convolutions, pooling, resizing and dropout of one to three dimensions for {@link OpCases}. */
final class ImageCases {
    private ImageCases() {}

    static void add(List<OpCase> all) {
        operations(all);
        convolutions(all);
        pooling(all);
        resampling(all);
        dropouts(all);
    }

    private static OpCase one(String name, OpCase.Body body) {
        return OpCase.named(name, body);
    }

    private static Tensor[] of(Tensor y) {
        return new Tensor[] {y};
    }

    /** A matrix with rows of 0 to 5 terms, places that come twice, weights of both signs. */
    private static Taps taps(int size, int outputs) {
        return Taps.of(size, outputs, o -> {
            Taps.Tap[] row = new Taps.Tap[(o * 7 + 2) % 6];
            for (int k = 0; k < row.length; k++) {
                row[k] = new Taps.Tap((o * 3L + k * k) % size, 0.5 * k - 0.75);
            }
            return row;
        });
    }

    private static void operations(List<OpCase> all) {
        for (long[] x : new long[][] {{3, 4}, {2, 3, 5, 4}, {2, 9, 3, 2}, {2, 3, 2, 4, 3}, {4}, {3, 17}}) {
            for (int d = -1; d < x.length; d++) {
                int size = (int) x[d < 0 ? x.length - 1 : d];
                all.add(OpCase.of(new Resample(d, taps(size, size + 3))).normal(x).twice());
            }
        }
        Shape x = Shape.of(2, 3, 4, 5);
        Tensor index = Tensor.of(new int[] {3, 3, 19, 0, -1, 7, 20, 4, 11, 2, 2, 2}, 2, 3, 2, 1);
        all.add(one("pool_gather", in -> of(Ops.apply(new PoolGather(), in[0], index))).normal(x.dims()).twice());
        all.add(one("pool_scatter, added", in -> of(Ops.apply(new PoolScatter(4, 5, false), in[0], index))).normal(2, 3, 2, 1).twice());
        Tensor single = Tensor.of(new int[] {3, 4, 19, 0, -1, 7, 20, 4, 11, 12, 2, 5}, 2, 3, 2, 1);
        all.add(one("pool_scatter, the last", in -> of(Ops.apply(new PoolScatter(4, 5, true), in[0], single))).normal(2, 3, 2, 1).twice());
        for (Window2d window : List.of(Window2d.of(2).stride(2), Window2d.of(3).stride(2).pad(1), Window2d.of(2, 3).dilation(2, 1))) {
            all.add(one("maxpool2d " + window + " squared", in -> of(in[0].maxPool2d(window).square())).normal(2, 3, 7, 6).twice());
        }
    }

    /** The parts of a convolution: x, weight, window, mode, groups. */
    private record Conv(long[] x, long[] weight, Window window, PadMode mode, long groups) {}

    private static void convolutions(List<OpCase> all) {
        for (Conv c : List.of(
                new Conv(new long[] {2, 3, 7}, new long[] {4, 3, 3}, Window.of(3).pad(1), PadMode.ZEROS, 1),
                new Conv(new long[] {1, 4, 9}, new long[] {4, 1, 2}, Window.of(2).dilation(4).causal(), PadMode.ZEROS, 4),
                new Conv(new long[] {2, 2, 6}, new long[] {2, 1, 4}, Window.of(4).same(), PadMode.CIRCULAR, 2),
                new Conv(new long[] {2, 2, 5, 4}, new long[] {3, 2, 3, 2}, Window.of(3, 2).stride(2, 1).same(5, 4), PadMode.REFLECT, 1),
                new Conv(new long[] {1, 2, 4, 4}, new long[] {2, 2, 3, 3}, Window.of(3, 3).pad(new long[] {0, 1}, new long[] {2, 1}), PadMode.ZEROS, 1),
                new Conv(new long[] {2, 2, 3, 4, 3}, new long[] {3, 2, 2, 3, 2}, Window.of(2, 3, 2).pad(1), PadMode.ZEROS, 1),
                new Conv(new long[] {1, 4, 5, 4, 4}, new long[] {4, 2, 3, 1, 3}, Window.of(3, 1, 3).stride(2, 1, 1).same(5, 4, 4), PadMode.ZEROS, 2),
                new Conv(new long[] {2, 2, 3, 3, 3}, new long[] {2, 2, 1, 2, 2}, Window.of(1, 2, 2), PadMode.REPLICATE, 1))) {
            OpCase.Body body = in -> of(Convolution.conv(in[0], in[1], in.length > 2 ? in[2] : null, c.window, c.mode, c.groups));
            String name = "conv " + c.window + " " + c.mode + " groups " + c.groups;
            all.add(one(name, body).normal(c.x).normal(c.weight).normal(c.weight[0]).twice());
            all.add(one(name, body).normal(c.x).normal(c.weight));
        }
        for (Conv c : List.of(
                new Conv(new long[] {2, 3, 4}, new long[] {3, 4, 3}, Window.of(3).stride(2).pad(1), PadMode.ZEROS, 1),
                new Conv(new long[] {2, 4, 3, 3}, new long[] {4, 2, 3, 2}, Window.of(3, 2).stride(2, 3).pad(1, 0), PadMode.ZEROS, 2),
                new Conv(new long[] {1, 2, 3, 3}, new long[] {2, 2, 2, 2}, Window.of(2, 2).dilation(2).pad(new long[] {1}, new long[] {0}), PadMode.ZEROS, 1),
                new Conv(new long[] {1, 2, 2, 3, 2}, new long[] {2, 3, 2, 2, 3}, Window.of(2, 2, 3).stride(2).pad(0, 1, 1), PadMode.ZEROS, 1),
                new Conv(new long[] {2, 4, 2, 2, 2}, new long[] {4, 1, 3, 2, 2}, Window.of(3, 2, 2).stride(2).pad(1, 0, 0), PadMode.ZEROS, 2))) {
            long more = c.window.axes().getFirst().stride() > 1 || c.window.axes().getFirst().dilation() > 1 ? 1 : 0;
            OpCase.Body body = in -> of(Convolution.transposed(in[0], in[1], in[2], c.window, new long[] {more}, c.groups));
            all.add(one("conv_transpose " + c.window + " groups " + c.groups, body).normal(c.x).normal(c.weight).normal(c.weight[1] * c.groups).twice());
        }
        Window columns = Window.of(2, 3).stride(2, 1).pad(1).dilation(1, 2);
        all.add(one("unfold", in -> of(Convolution.unfold(in[0], columns))).normal(2, 2, 5, 4).twice());
        all.add(one("fold", in -> of(Convolution.fold(in[0], columns, 5, 4))).normal(2, 12, 6).twice());
        all.add(one("unfold of lines", in -> of(Convolution.unfold(in[0], Window.of(3).pad(1)))).normal(2, 2, 5));
        all.add(one("unfold of volumes", in -> of(Convolution.unfold(in[0], Window.of(2, 1, 2)))).normal(1, 2, 3, 2, 3));
        for (PadMode mode : PadMode.values()) {
            all.add(one("pad " + mode, in -> of(Padding.pad(in[0], new long[] {2, -1}, new long[] {1, 3}, mode))).normal(2, 2, 4, 4).twice());
            all.add(one("pad volumes " + mode, in -> of(Padding.pad(in[0], new long[] {1, 0, 2}, new long[] {0, 1, 2}, mode))).normal(1, 2, 2, 3, 3));
        }
    }

    private static void pooling(List<OpCase> all) {
        long[][] shapes = {{2, 3, 9}, {2, 2, 6, 7}, {1, 2, 5, 4, 6}};
        for (boolean ceil : new boolean[] {false, true}) {
            for (long[] x : shapes) {
                Window full = Window.of(new long[] {3, 2, 3}).stride(2, 1, 2).pad(1, 1, 0);
                Window window = new Window(full.axes().subList(0, x.length - 2));
                all.add(one("max_pool " + window + " ceil " + ceil, in -> of(Pooling.max(in[0], window, ceil))).normal(x).twice());
                all.add(one("avg_pool " + window + " ceil " + ceil, in -> of(Pooling.average(in[0], window, ceil, ceil))).normal(x).twice());
                Window bare = window.unpadded();
                for (double p : new double[] {1, 2, 3, 1.5}) {
                    all.add(one("lp_pool " + p + " " + bare + " ceil " + ceil, in -> of(Pooling.lp(in[0], p, bare, ceil))).positive(x).twice());
                }
            }
        }
        for (long[] x : shapes) {
            long[] sizes = {4, 2, 7};
            long[] s = Arrays.copyOf(sizes, x.length - 2);
            all.add(one("adaptive_avg_pool", in -> of(Pooling.adaptiveAverage(in[0], s))).normal(x).twice());
            all.add(one("adaptive_max_pool", in -> of(Pooling.adaptiveMax(in[0], s))).normal(x).twice());
            all.add(one("adaptive_max_pool squared", in -> of(Pooling.adaptiveMaxWithIndices(in[0], s)[0].square())).normal(x).twice());
            all.add(one("global max", in -> of(Pooling.globalMax(in[0]))).normal(x).twice());
            Window w = Window.of(Arrays.stream(s).map(n -> 2).toArray()).stride(2);
            all.add(one("max_unpool", in -> {
                Tensor[] y = Pooling.maxWithIndices(in[0], w, false);
                return of(Pooling.unpool(y[0].square(), y[1], Arrays.copyOfRange(x, 2, x.length)));
            }).normal(x).twice());
        }
        Window w = Window.of(2, 2).stride(2);
        all.add(one("stochastic_pool", in -> of(Pooling.stochastic(in[0], w, 5, in[1]))).positive(2, 3, 4, 6).step().twice());
        all.add(one("stochastic_pool of lines", in -> of(Pooling.stochastic(in[0], Window.of(3).stride(2).pad(1), 5, in[1]))).positive(2, 3, 8).step());
        all.add(one("stochastic_pool, mean", in -> of(Pooling.stochasticMean(in[0], w))).positive(2, 3, 4, 6).twice());
    }

    private static void resampling(List<OpCase> all) {
        for (Resampling.Mode mode : Resampling.Mode.values()) {
            for (boolean align : new boolean[] {false, true}) {
                if (align && mode != Resampling.Mode.LINEAR && mode != Resampling.Mode.CUBIC) {
                    continue;
                }
                all.add(one("resize " + mode + align, in -> of(Resampling.resize(in[0], mode, align, 7))).normal(2, 3, 4).twice());
                all.add(one("resize " + mode + align, in -> of(Resampling.resize(in[0], mode, align, 3, 8))).normal(2, 3, 5, 4).twice());
                all.add(one("resize " + mode + align, in -> of(Resampling.resize(in[0], mode, align, 4, 4, 2))).normal(1, 2, 3, 2, 3));
            }
        }
        all.add(one("scale", in -> of(Resampling.scale(in[0], Resampling.Mode.LINEAR, false, 1.7, 0.6))).normal(2, 3, 4, 6));
        all.add(one("pixel_shuffle", in -> of(Resampling.pixelShuffle(in[0], 2))).normal(2, 8, 2, 3).twice());
        all.add(one("pixel_unshuffle", in -> of(Resampling.pixelUnshuffle(in[0], 3))).normal(2, 2, 3, 6).twice());
    }

    private static void dropouts(List<OpCase> all) {
        for (double p : new double[] {0, 0.4, 1}) {
            for (long[] x : new long[][] {{5, 4}, {3, 4, 5}, {2, 5, 3, 4}, {2, 3, 2, 2, 2}}) {
                all.add(one("channels " + p, in -> of(Dropouts.channels(in[0], p, 9, in[1]))).normal(x).step().twice());
                all.add(one("alpha of channels " + p, in -> of(Dropouts.alphaChannels(in[0], p, 9, in[1]))).normal(x).step().twice());
                if (x.length == 4) {
                    continue; // what falls depends on the place in memory, as for plain dropout: other layouts, other elements
                }
                all.add(one("alpha " + p, in -> of(Dropouts.alpha(in[0], p, 9, in[1]))).normal(x).step().twice());
            }
        }
    }
}
