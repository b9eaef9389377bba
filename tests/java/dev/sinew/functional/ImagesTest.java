package dev.sinew.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.sinew.DType;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.op.Taps;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What golden data cannot show: random numbers, properties, geometry, messages. */
@ExtendWith(Scoped.class)
class ImagesTest {
    private static Tensor step(long number) {
        return Tensor.of(new long[] {number});
    }

    // ---- stochastic pooling ----

    /** A window of seven places, one of them negative, one zero, in many channels and steps: how often each was drawn. */
    @Test
    void eachElementIsDrawnWithItsProbability() {
        double[] values = {0.5, 0, 2, 1, -3, 0.25, 1.25};
        double sum = 5;
        int channels = 2000;
        double[] all = new double[channels * values.length];
        Arrays.setAll(all, i -> values[i % values.length]);
        Tensor x = Tensor.of(all, 1, channels, values.length);
        int[] drawn = new int[values.length];
        int rounds = 20;
        for (int s = 0; s < rounds; s++) {
            for (double y : Pooling.stochastic(x, Window.of(values.length), 17, step(s)).toDoubles()) {
                drawn[IntStream.range(0, values.length).filter(i -> values[i] == y).findFirst().orElseThrow()]++;
            }
        }
        double draws = (double) channels * rounds;
        for (int i = 0; i < values.length; i++) {
            double p = Math.max(values[i], 0) / sum;
            assertThat(drawn[i]).as("place %d", i).isCloseTo((int) Math.round(p * draws), offset((int) Math.ceil(5 * Math.sqrt(draws * p * (1 - p)))));
        }
    }

    /** The mean over many draws is what inference gives, in windows that overlap and are padded, too. */
    @Test
    void theMeanOfTheDrawsIsThatOfInference() {
        Random random = new Random(4);
        Tensor x = Tensor.of(random.doubles(2 * 3 * 6 * 5, -0.5, 1).toArray(), 2, 3, 6, 5);
        Window window = Window.of(3, 2).stride(2, 1).pad(1, 0);
        double[] expected = mean(x, window);
        assertThat(Pooling.stochasticMean(x, window).toDoubles()).containsExactly(expected, offset(1e-12));
        double[] sums = new double[expected.length];
        int rounds = 4000;
        for (int s = 0; s < rounds; s++) {
            double[] y = Pooling.stochastic(x, window, 3, step(s)).toDoubles();
            Arrays.setAll(sums, i -> sums[i] + y[i]);
        }
        for (int i = 0; i < sums.length; i++) {
            assertThat(sums[i] / rounds).as("window %d", i).isCloseTo(expected[i], offset(5 * 0.5 / Math.sqrt(rounds)));
        }
    }

    /** Sum of squares by sum of the positive elements of each window, by loops. */
    private static double[] mean(Tensor x, Window window) {
        long[] out = window.out("test", x.shape().dims(), false);
        double[] means = new double[(int) (6 * out[0] * out[1])];
        for (int o = 0; o < means.length; o++) {
            long ox = o % out[1];
            long oy = o / out[1] % out[0];
            long c = o / (out[0] * out[1]);
            double sum = 0;
            double squares = 0;
            for (long iy = oy * 2 - 1; iy < oy * 2 + 2; iy++) {
                for (long ix = ox; ix < ox + 2; ix++) {
                    double v = iy < 0 || iy >= 6 ? 0 : Math.max(0, x.get(c / 3, c % 3, iy, ix));
                    sum += v;
                    squares += v * v;
                }
            }
            means[o] = sum == 0 ? 0 : squares / sum;
        }
        return means;
    }

    @Test
    void theGradientGoesToWhatWasDrawn() {
        Tensor x = Tensor.of(new Random(6).doubles(4 * 6, 0.1, 1).toArray(), 1, 1, 4, 6);
        Tensor y = Pooling.stochastic(x, Window.of(2, 3).stride(2, 3), 5, step(1));
        double[] dx = Gradients.of(y.sum(), x).get(x).toDoubles();
        assertThat(Arrays.stream(dx).sum()).isEqualTo(4);
        double[] values = x.toDoubles();
        double reached = IntStream.range(0, dx.length).mapToDouble(i -> dx[i] * values[i]).sum();
        assertThat(reached).isCloseTo(Arrays.stream(y.toDoubles()).sum(), offset(1e-12));
    }

    @Test
    void drawsDependOnSeedAndStepAlone() {
        Tensor x = Tensor.uniform(Shape.of(2, 8, 8, 8), 0, 1, 3);
        Window window = Window.of(2, 2).stride(2);
        float[] first = Pooling.stochastic(x, window, 1, step(7)).toFloats();
        assertThat(Pooling.stochastic(x, window, 1, step(7)).toFloats()).isEqualTo(first);
        assertThat(Pooling.stochastic(x, window, 1, step(8)).toFloats()).isNotEqualTo(first);
        assertThat(Pooling.stochastic(x, window, 2, step(7)).toFloats()).isNotEqualTo(first);
        Tensor zeros = Tensor.zeros(1, 2, 4, 4).add(-1);
        assertThat(Pooling.stochastic(zeros, window, 1, step(7)).toFloats()).containsOnly(0);
        assertThat(Pooling.stochasticMean(zeros, window).toFloats()).containsOnly(0);
    }

    // ---- dropout ----

    @Test
    void wholeChannelsFall() {
        int n = 60;
        int c = 70;
        double p = 0.3;
        float[] y = Dropouts.channels(Tensor.full(DType.F32, Shape.of(n, c, 2, 3), 1), p, 11, step(5)).toFloats();
        int fallen = 0;
        for (int i = 0; i < n * c; i++) {
            float[] channel = Arrays.copyOfRange(y, 6 * i, 6 * i + 6);
            assertThat(channel).containsOnly(channel[0]);
            assertThat(channel[0] == 0 || Math.abs(channel[0] - 1 / 0.7) < 1e-6).isTrue();
            fallen += channel[0] == 0 ? 1 : 0;
        }
        assertThat(fallen / (double) (n * c)).isCloseTo(p, offset(5 * Math.sqrt(p * (1 - p) / (n * c))));
    }

    /** Mean 0 and variance 1 stay; what falls has the value a a' + b of the paper. */
    @Test
    void alphaDropoutKeepsMeanAndVariance() {
        int count = 200_000;
        double p = 0.2;
        Tensor x = Tensor.normal(Shape.of(count), 0, 1, 9);
        float[] before = x.toFloats();
        float[] y = Dropouts.alpha(x, p, 4, step(2)).toFloats();
        double alpha = -1.7580993408473766;
        double a = 1 / Math.sqrt((1 - p) * (1 + p * alpha * alpha));
        double b = -a * p * alpha;
        int fallen = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            boolean stays = Math.abs(y[i] - (a * before[i] + b)) < 1e-5;
            assertThat(stays || Math.abs(y[i] - (a * alpha + b)) < 1e-5).as("element %d", i).isTrue();
            fallen += stays ? 0 : 1;
            sum += y[i];
            squares += (double) y[i] * y[i];
        }
        assertThat(fallen / (double) count).isCloseTo(p, offset(5 * Math.sqrt(p * (1 - p) / count)));
        assertThat(sum / count).isCloseTo(0, offset(0.02));
        assertThat(squares / count).isCloseTo(1, offset(0.02));
    }

    @Test
    void alphaDropoutOfWholeChannels() {
        double p = 0.5;
        float[] y = Dropouts.alphaChannels(Tensor.full(DType.F32, Shape.of(50, 20, 7), 0.25), p, 4, step(2)).toFloats();
        double alpha = -1.7580993408473766;
        double a = 1 / Math.sqrt((1 - p) * (1 + p * alpha * alpha));
        double b = -a * p * alpha;
        for (int i = 0; i < 1000; i++) {
            float[] channel = Arrays.copyOfRange(y, 7 * i, 7 * i + 7);
            assertThat(channel).containsOnly(channel[0]);
            assertThat(Math.min(Math.abs(channel[0] - (a * 0.25 + b)), Math.abs(channel[0] - (a * alpha + b)))).isLessThan(1e-6);
        }
        assertThat(Dropouts.alpha(Tensor.full(DType.F32, Shape.of(9), 3), 1, 1, step(1)).toFloats()).containsOnly(0);
    }

    // ---- properties ----

    @Test
    void aCausalConvolutionDoesNotSeeWhatComesLater() {
        Window window = Window.of(3).dilation(4).causal();
        Tensor weight = Tensor.uniform(Shape.of(2, 3, 3), -1, 1, 1);
        Tensor x = Tensor.uniform(Shape.of(1, 3, 20), -1, 1, 2);
        float[] values = x.toFloats();
        for (int c = 0; c < 3; c++) {
            Arrays.fill(values, 20 * c + 11, 20 * c + 20, Float.NaN);
        }
        float[] y = Convolution.conv(x, weight, null, window).toFloats();
        float[] blind = Convolution.conv(Tensor.of(values, 1, 3, 20), weight, null, window).toFloats();
        for (int t = 0; t < 20; t++) {
            assertThat(Float.isNaN(blind[t])).isEqualTo(t >= 11 && (t - 11) % 4 < 4);
            if (t < 11) {
                assertThat(blind[t]).isCloseTo(y[t], offset(1e-5f));
            }
        }
    }

    @Test
    void aConvolutionIsTheWeightTimesTheColumns() {
        Window window = Window.of(3, 2).stride(2, 1).pad(1).dilation(1, 2);
        Tensor x = Tensor.of(new Random(1).doubles(3 * 7 * 6, -1, 1).toArray(), 1, 3, 7, 6);
        Tensor weight = Tensor.of(new Random(2).doubles(4 * 18, -1, 1).toArray(), 4, 3, 3, 2);
        Tensor columns = Convolution.unfold(x, window);
        Tensor product = weight.reshape(4, 18).matmul(columns.reshape(18, columns.shape().dim(2)));
        assertThat(product.toDoubles()).containsExactly(Convolution.conv(x, weight, null, window).toDoubles(), offset(1e-12));
    }

    @Test
    void theTransposedConvolutionIsTheAdjoint() {
        for (Window window : new Window[] {Window.of(3).stride(2).pad(1), Window.of(2, 3).stride(1, 2).dilation(2, 1).pad(1),
            Window.of(3, 2, 2).stride(2, 1, 2).pad(1, 0, 1)}) {
            long[] x = new long[2 + window.rank()];
            Arrays.fill(x, 7);
            x[0] = 2;
            x[1] = 3;
            Random random = new Random(3);
            Tensor in = Tensor.of(random.doubles(Shape.of(x).count(), -1, 1).toArray(), x);
            Shape w = Shape.of(window.kernel()).withFirst(3).withFirst(4);
            Tensor weight = Tensor.of(random.doubles(w.count(), -1, 1).toArray(), w.dims());
            Tensor y = Convolution.conv(in, weight, null, window);
            Tensor dy = Tensor.of(random.doubles(y.shape().count(), -1, 1).toArray(), y.shape().dims());
            long[] more = new long[window.rank()];
            long[] sizes = Convolution.transposedSizes(window, y.shape().dims(), new long[] {0});
            Arrays.setAll(more, i -> 7 - sizes[i]);
            Tensor back = Convolution.transposed(dy, weight, null, window, more, 1);
            assertThat(in.mul(back).sum().item()).isCloseTo(y.mul(dy).sum().item(), offset(1e-11));
        }
    }

    /** Elements that have no weight do not count, even NaN. */
    @Test
    void resizingToTheSameGridMovesNothing() {
        float[] values = {1, Float.NaN, 3, Float.POSITIVE_INFINITY, 5, 6, -0.0f, 8, 9, 10, 11, 12};
        Tensor x = Tensor.of(values, 1, 1, 3, 4);
        for (Resampling.Mode mode : Resampling.Mode.values()) {
            assertThat(Resampling.resize(x, mode, 3, 4).toFloats()).as(mode.toString()).isEqualTo(values);
        }
        assertThat(Resampling.resize(x, Resampling.Mode.LINEAR, true, 5, 4).slice(2, 0, 3, 2).toFloats()).isEqualTo(values);
        assertThat(Resampling.pixelUnshuffle(Resampling.pixelShuffle(Tensor.of(values, 1, 12, 1, 1), 2), 2).toFloats()).isEqualTo(values);
    }

    /** Tables that are longer than the memory for arguments. */
    @Test
    void manyThousandPlaces() {
        float[] values = new float[30_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        float[] y = Resampling.resize(Tensor.of(values, 1, 1, 30_000), Resampling.Mode.LINEAR, true, 59_999).toFloats();
        assertThat(y[20_001]).isEqualTo(10_000.5f);
        assertThat(y[59_998]).isEqualTo(29_999);
    }

    @Test
    void whereAPlaceComesUpTwiceTheLastElementCounts() {
        Tensor index = Tensor.of(new int[] {2, 0, 2}, 1, 1, 3);
        assertThat(Pooling.unpool(Tensor.of(new float[] {5, 6, 7}, 1, 1, 3), index, 4).toFloats()).containsExactly(6, 0, 7, 0);
    }

    @Test
    void aNaNWinsEveryMaximum() {
        float[] values = new float[2 * 27];
        values[13] = Float.NaN;
        Tensor x = Tensor.of(values, 1, 2, 3, 3, 3);
        Tensor[] y = Pooling.maxWithIndices(x, Window.of(2, 2, 2), false);
        assertThat(IntStream.range(0, 16).filter(i -> Float.isNaN(y[0].toFloats()[i])).count()).isEqualTo(8);
        assertThat(Arrays.copyOf(y[1].toInts(), 8)).containsOnly(13);
        assertThat(Pooling.adaptiveMax(x, 2, 2, 2).toFloats()[0]).isNaN();
        assertThat(Pooling.globalMax(x).toFloats()[0]).isNaN();
        assertThat(Pooling.globalMax(x).toFloats()[1]).isZero();
    }

    // ---- geometry and messages ----

    @Test
    void samePadding() {
        assertThat(Window.of(4).same().axes().getFirst()).isEqualTo(new Window.Axis(4, 1, 1, 2, 1));
        assertThat(Window.of(3, 5).dilation(2, 1).same().before()).containsExactly(2, 2);
        for (long size = 1; size < 20; size++) {
            for (long kernel = 1; kernel < 6; kernel++) {
                for (long stride = 1; stride < 5; stride++) {
                    Window.Axis a = Window.of(kernel).stride(stride).same(size).axes().getFirst();
                    assertThat(a.out(size, false)).isEqualTo((size + stride - 1) / stride);
                    assertThat(a.after() - a.before()).isBetween(0L, 1L);
                }
            }
        }
        assertThat(Window.of(3, 5).stride(2, 1).pad(1, 2)).hasToString("3x5 stride 2x1 pad 1x2");
        assertThat(Window.of(2).dilation(4).causal()).hasToString("2 pad before 4 after 0 dilation 4");
    }

    @Test
    void messages() {
        Tensor x = Tensor.zeros(1, 4, 5, 5);
        Tensor weight = Tensor.zeros(2, 4, 3, 3);
        assertThatThrownBy(() -> Convolution.conv(x, weight, null, Window.of(3))).hasMessageContaining("conv: the window 3 needs x of rank 3");
        assertThatThrownBy(() -> Convolution.conv(x, weight, null, Window.of(3, 2))).hasMessageContaining("[O, C/groups, kernel...]")
                .hasMessageContaining("[2, 4, 3, 3]");
        assertThatThrownBy(() -> Convolution.conv(x, weight, null, Window.of(3, 3), PadMode.ZEROS, 3)).hasMessageContaining("3 groups");
        assertThatThrownBy(() -> Convolution.conv(x, weight, null, Window.of(3, 3).dilation(3))).hasMessageContaining("does not fit")
                .hasMessageContaining("(5 - (3*(3-1)+1) + 2*0)/1 + 1 = 0");
        assertThatThrownBy(() -> Convolution.conv(x, weight, null, Window.of(3, 3).pad(5), PadMode.REFLECT, 1)).hasMessageContaining("at most 4");
        assertThatThrownBy(() -> Convolution.transposed(x, weight, null, Window.of(3, 3), new long[] {0}, 1)).hasMessageContaining("[C, O/groups, kernel...]");
        assertThatThrownBy(() -> Convolution.fold(Tensor.zeros(1, 12, 9), Window.of(2, 2), 5, 5)).hasMessageContaining("positions");
        assertThatThrownBy(() -> Pooling.max(x, Window.of(2, 2).pad(2), false)).hasMessageContaining("at most half the kernel");
        assertThatThrownBy(() -> Pooling.lp(x, -1, Window.of(2, 2), false)).hasMessageContaining("p must be above 0");
        assertThatThrownBy(() -> Pooling.lp(x, 2, Window.of(2, 2).pad(1), false)).hasMessageContaining("no padding");
        assertThatThrownBy(() -> Pooling.adaptiveAverage(x, 3)).hasMessageContaining("adaptive_avg_pool").hasMessageContaining("[1, 4, 5, 5]");
        assertThatThrownBy(() -> Pooling.stochastic(Tensor.zeros(1, 1, 3, 3, 3), Window.of(2, 2, 2), 1, step(1))).hasMessageContaining("lines and images");
        assertThatThrownBy(() -> Resampling.resize(x, Resampling.Mode.NEAREST, true, 3, 3)).hasMessageContaining("only LINEAR and CUBIC");
        assertThatThrownBy(() -> Resampling.resize(x, Resampling.Mode.LINEAR, 3)).hasMessageContaining("a size of at least 1 for each dimension");
        assertThatThrownBy(() -> Resampling.scale(x, Resampling.Mode.LINEAR, false, 0)).hasMessageContaining("factor above 0");
        assertThatThrownBy(() -> Resampling.pixelShuffle(x, 3)).hasMessageContaining("multiple of 3^2");
        assertThatThrownBy(() -> Dropouts.alpha(x, 2, 1, step(1))).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> Dropouts.channels(x, 0.5, 1, Tensor.of(new int[] {1}))).hasMessageContaining("the step");
        assertThatThrownBy(() -> Dropouts.channels(Tensor.zeros(3), 0.5, 1, step(1))).hasMessageContaining("[N, C, ...]");
        assertThatThrownBy(() -> Taps.take(3, 3)).hasMessageContaining("place 3 of 3");
        assertThatThrownBy(() -> Window.of(1, 1, 1, 1)).hasMessageContaining("1 to 3 dimensions");
        assertThatThrownBy(() -> Window.of(0)).hasMessageContaining("kernel must be from 1");
    }
}
