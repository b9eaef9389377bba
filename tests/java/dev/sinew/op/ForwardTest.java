package dev.sinew.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinew.Broadcast;
import dev.sinew.Close;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Operations that move data or reduce it, against loops over logical indices, in both layouts; and the window's sizes. */
@ExtendWith(Scoped.class)
class ForwardTest {
    private static final Shape SHAPE = Shape.of(2, 3, 4, 5);
    private final SplittableRandom random = new SplittableRandom(11);

    /** Both layouts, of every type that can be moved. */
    private List<Tensor> images(Shape shape) {
        List<Tensor> all = new ArrayList<>();
        for (DType dtype : List.of(DType.F32, DType.F64, DType.I32)) {
            Tensor x = Tensor.of(IntStream.range(0, (int) shape.count()).map(i -> random.nextInt(-50, 50)).toArray(), shape.dims()).cast(dtype);
            all.add(x);
            all.add(Convert.to(Layout.CHANNELS_LAST, x));
        }
        return all;
    }

    private static void forEachIndex(Shape shape, java.util.function.Consumer<long[]> action) {
        long[] index = new long[shape.rank()];
        for (long i = 0; i < shape.count(); i++) {
            long rest = i;
            for (int d = shape.rank() - 1; d >= 0; d--) {
                index[d] = rest % shape.dim(d);
                rest /= shape.dim(d);
            }
            action.accept(index.clone());
        }
    }

    private static void check(Tensor y, Shape shape, ToDoubleFunction<long[]> expected) {
        assertThat(y.shape()).isEqualTo(shape);
        double[] values = y.toDoubles();
        int[] i = {0};
        forEachIndex(shape, index -> {
            assertThat(values[i[0]]).as("%s at %s", y.spec(), java.util.Arrays.toString(index)).isEqualTo(expected.applyAsDouble(index));
            assertThat(y.get(index)).isEqualTo(values[i[0]++]);
        });
    }

    @Test
    void layoutsAreOneTensorToTheUser() {
        for (Tensor x : images(SHAPE)) {
            Tensor other = Convert.to(x.spec().layout() == Layout.ROW_MAJOR ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR, x);
            assertThat(other.spec().layout()).isNotEqualTo(x.spec().layout());
            Close.same("converted", other, x);
            check(other, SHAPE, x::get);
            assertThat(other.address()).isNotEqualTo(x.address());
        }
        Tensor column = Tensor.zeros(3, 7, 1, 1);
        assertThat(Convert.to(Layout.CHANNELS_LAST, column).address()).as("a view where the order is the same").isEqualTo(column.address());
    }

    @Test
    void permute() {
        for (Tensor x : images(SHAPE)) {
            for (int[] order : new int[][] {{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 3, 1}, {0, 3, 1, 2}, {1, 0, -1, -2}, {2, 3, 0, 1}}) {
                int[] from = IntStream.of(order).map(d -> d < 0 ? d + 4 : d).toArray();
                check(x.permute(order), Shape.of(IntStream.of(from).mapToLong(SHAPE::dim).toArray()), i -> {
                    long[] source = new long[4];
                    for (int d = 0; d < 4; d++) {
                        source[from[d]] = i[d];
                    }
                    return x.get(source);
                });
            }
        }
        check(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose(), Shape.of(3, 2), i -> i[1] * 3 + i[0] + 1);
    }

    @Test
    void reshape() {
        for (Tensor x : images(SHAPE)) {
            Tensor rowMajor = Tensor.of(x.toDoubles(), 120);
            check(x.reshape(6, -1), Shape.of(6, 20), i -> rowMajor.get(i[0] * 20 + i[1]));
            check(x.reshape(1, 2, 2, 6, 5), Shape.of(1, 2, 2, 6, 5), i -> rowMajor.get(((i[1] * 2 + i[2]) * 6 + i[3]) * 5 + i[4]));
            check(x.flatten(), Shape.of(2, 60), i -> rowMajor.get(i[0] * 60 + i[1]));
            check(x.reshape(5, 4, 3, 2), Shape.of(5, 4, 3, 2), i -> rowMajor.get(((i[0] * 4 + i[1]) * 3 + i[2]) * 2 + i[3]));
        }
        Tensor x = Tensor.zeros(2, 3);
        assertThat(x.reshape(3, 2).address()).as("a view").isEqualTo(x.address());
        x.reshape(6).fill(4);
        assertThat(x.get(1, 2)).isEqualTo(4);
        assertThat(Tensor.of(new long[] {7}, 1).reshape().item()).isEqualTo(7);
    }

    @Test
    void slice() {
        for (Tensor x : images(SHAPE)) {
            for (int dim = -4; dim < 4; dim++) {
                int d = dim < 0 ? dim + 4 : dim;
                for (long start = 0; start < SHAPE.dim(d); start++) {
                    for (long step = 1; step <= 3; step++) {
                        for (long length = 1; start + (length - 1) * step < SHAPE.dim(d); length++) {
                            long s = start;
                            long t = step;
                            Tensor y = x.slice(dim, start, length, step);
                            assertThat(y.spec().layout()).isEqualTo(x.spec().layout());
                            check(y, SHAPE.with(d, length), i -> {
                                long[] source = i.clone();
                                source[d] = s + i[d] * t;
                                return x.get(source);
                            });
                        }
                    }
                }
            }
        }
    }

    @Test
    void concat() {
        for (int dim = -4; dim < 4; dim++) {
            int d = dim < 0 ? dim + 4 : dim;
            List<Tensor> a = images(SHAPE.with(d, 1));
            List<Tensor> b = images(SHAPE);
            for (int k = 0; k < a.size(); k++) {
                Tensor x = a.get(k);
                for (Tensor y : b) {
                    if (x.dtype() == y.dtype()) {
                        check(Tensor.concat(dim, x, y, x), SHAPE.with(d, SHAPE.dim(d) + 2), i -> {
                            long[] source = i.clone();
                            boolean inY = i[d] > 0 && i[d] <= SHAPE.dim(d);
                            source[d] = inY ? i[d] - 1 : 0;
                            return inY ? y.get(source) : x.get(source);
                        });
                    }
                }
            }
        }
        Tensor[] many = new Tensor[2048];
        java.util.Arrays.setAll(many, i -> Tensor.of(new int[] {i}, 1));
        check(Tensor.concat(0, many), Shape.of(2048), i -> i[0]);
    }

    @Test
    void pad() {
        for (Tensor x : images(SHAPE)) {
            for (long[][] widths : new long[][][] {{{0, 0, 1, 2}, {0, 0, 2, 1}}, {{1, 2, 0, 0}, {0, 1, 0, 0}}, {{-1, -2, 1, -3}, {2, 0, -3, 1}}, {{0, 0, -4, 0}, {0, 0, 1, 0}}}) {
                long[] sizes = new long[4];
                java.util.Arrays.setAll(sizes, d -> SHAPE.dim(d) + widths[0][d] + widths[1][d]);
                Tensor y = x.pad(widths[0], widths[1], -7);
                assertThat(y.spec().layout()).isEqualTo(x.spec().layout());
                check(y, Shape.of(sizes), i -> {
                    long[] source = new long[4];
                    boolean inside = true;
                    for (int d = 0; d < 4; d++) {
                        source[d] = i[d] - widths[0][d];
                        inside &= source[d] >= 0 && source[d] < SHAPE.dim(d);
                    }
                    return inside ? x.get(source) : -7;
                });
            }
        }
        assertThat(Tensor.zeros(1).pad(new long[] {1}, new long[] {0}, Double.NEGATIVE_INFINITY).toDoubles()).containsExactly(Double.NEGATIVE_INFINITY, 0);
        assertThat(new Pad(new long[] {1, 2}, new long[] {0, 0}, 3)).isEqualTo(new Pad(new long[] {1, 2}, new long[] {0, 0}, 3));
    }

    @Test
    void broadcastAndBinary() {
        long[][] shapes = {{}, {5}, {1}, {4, 1}, {3, 1, 1}, {1, 3, 1, 5}, {2, 1, 4, 1}, {2, 3, 4, 5}};
        for (long[] shape : shapes) {
            Tensor small = Tensor.of(random.doubles(Shape.of(shape).count()).toArray(), shape);
            for (Tensor s : shape.length == 4 ? List.of(small, Convert.to(Layout.CHANNELS_LAST, small)) : List.of(small)) {
                check(s.broadcastTo(SHAPE.dims()), SHAPE, i -> s.get(clip(i, s.shape())));
                for (Tensor x : images(SHAPE)) {
                    if (x.dtype() == DType.F64) {
                        check(x.sub(s, Broadcast.YES), SHAPE, i -> x.get(i) - s.get(clip(i, s.shape())));
                        check(s.sub(x, Broadcast.YES), SHAPE, i -> s.get(clip(i, s.shape())) - x.get(i));
                    }
                }
            }
        }
        Tensor a = Tensor.of(new double[] {1, Double.NaN, 3, -2}, 4);
        Tensor b = Tensor.of(new double[] {2, 1, 3, -3}, 4);
        check(a.equal(b, Broadcast.NO), Shape.of(4), i -> i[0] == 2 ? 1 : 0);
        check(a.greater(b, Broadcast.NO), Shape.of(4), i -> i[0] == 3 ? 1 : 0);
        assertThat(a.maximum(b, Broadcast.NO).toDoubles()).containsExactly(2, Double.NaN, 3, -2);
        assertThat(b.minimum(a, Broadcast.NO).toDoubles()).containsExactly(1, Double.NaN, 3, -3);
    }

    private static long[] clip(long[] index, Shape shape) {
        long[] own = new long[shape.rank()];
        for (int d = 0; d < own.length; d++) {
            own[d] = shape.dim(d) == 1 ? 0 : index[index.length - own.length + d];
        }
        return own;
    }

    @Test
    void reduce() {
        for (Tensor x : images(SHAPE)) {
            if (x.dtype() == DType.I32) {
                continue;
            }
            for (int mask = 0; mask < 16; mask++) {
                int m = mask;
                int[] dims = IntStream.range(0, 4).filter(d -> (m >> d & 1) != 0).toArray();
                boolean all = dims.length == 0;
                for (boolean keep : new boolean[] {false, true}) {
                    for (Reduce.Kind kind : Reduce.Kind.values()) {
                        checkReduce(x, new Reduce(kind, IntStream.of(dims).boxed().toList(), keep), all ? 15 : mask);
                    }
                }
            }
        }
    }

    private static void checkReduce(Tensor x, Reduce op, int mask) {
        List<Long> sizes = new ArrayList<>();
        Shape reduced = Shape.scalar();
        for (int d = 0; d < 4; d++) {
            boolean gone = (mask >> d & 1) != 0;
            if (!gone || op.keep()) {
                sizes.add(gone ? 1 : SHAPE.dim(d));
            }
        }
        long[] inner = IntStream.range(0, 4).filter(d -> (mask >> d & 1) != 0).mapToLong(SHAPE::dim).toArray();
        Shape within = inner.length == 0 ? reduced : Shape.of(inner);
        check(Ops.apply(op, x), Shape.of(sizes.stream().mapToLong(s -> s).toArray()), i -> {
            double[] sum = {0, Double.NEGATIVE_INFINITY, -1};
            int[] place = {0};
            forEachIndex(within, j -> {
                long[] source = new long[4];
                for (int d = 0, a = 0, b = 0; d < 4; d++) {
                    boolean gone = (mask >> d & 1) != 0;
                    source[d] = gone ? j[b++] : i[op.keep() ? d : a];
                    a += gone ? 0 : 1;
                }
                double value = x.get(source);
                sum[0] += value;
                sum[2] = value > sum[1] ? place[0] : sum[2];
                sum[1] = Math.max(sum[1], value);
                place[0]++;
            });
            double mean = sum[0] / within.count();
            return switch (op.kind()) {
                case SUM -> sum[0];
                case MEAN -> x.dtype() == DType.F32 ? (float) mean : mean;
                case MAX -> sum[1];
                case ARGMAX -> sum[2];
            };
        });
    }

    @Test
    void channelsLastIsNotConvertedWhereItNeedNotBe() {
        Spec x = new Spec(DType.F32, SHAPE, Layout.CHANNELS_LAST);
        assertThat(Reduce.of(Reduce.Kind.SUM, 0, 2, 3).layout(0, List.of(x))).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(Reduce.of(Reduce.Kind.SUM).layout(0, List.of(x))).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(Reduce.of(Reduce.Kind.MEAN, 2, 3).layout(0, List.of(x))).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(Reduce.of(Reduce.Kind.MAX, 1).layout(0, List.of(x))).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(Reduce.of(Reduce.Kind.MAX, 0).layout(0, List.of(x))).isEqualTo(Layout.ROW_MAJOR);
        assertThat(Reduce.of(Reduce.Kind.ARGMAX).layout(0, List.of(x))).isEqualTo(Layout.ROW_MAJOR);
        assertThat(new Reduce(Reduce.Kind.SUM, List.of(0), true).layout(0, List.of(x))).isEqualTo(Layout.CHANNELS_LAST);
    }

    @Test
    void equalsShareTheGradientOfTheMaximum() {
        Tensor x = Tensor.of(new double[] {3, 1, 3, 2, 3, 0}, 2, 3);
        Tensor dx = dev.sinew.graph.Gradients.of(x.max().mul(6), x).get(x);
        assertThat(dx.toDoubles()).containsExactly(2, 0, 2, 0, 2, 0);
        Tensor rows = dev.sinew.graph.Gradients.of(x.max(1).sum(), x).get(x);
        assertThat(rows.toDoubles()).containsExactly(0.5, 0, 0.5, 0, 1, 0);
    }

    @Test
    void cast() {
        Tensor x = Tensor.of(new double[] {1.9, -1.9, 1e30, -1e30, Double.NaN, 1 / 3.0}, 6);
        assertThat(x.cast(DType.I32).toInts()).containsExactly(1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 0);
        assertThat(x.cast(DType.F32).get(5)).isEqualTo((float) (1 / 3.0));
        assertThat(x.cast(DType.F64)).isSameAs(x);
    }

    @Test
    void theWindowCountsAsPyTorchDoes() {
        for (long size = 1; size < 12; size++) {
            for (long kernel = 1; kernel < 5; kernel++) {
                for (long stride = 1; stride < 5; stride++) {
                    for (long pad = 0; pad <= kernel / 2; pad++) {
                        for (long dilation = 1; dilation < 3; dilation++) {
                            checkWindow(size, Window2d.of(kernel).stride(stride).pad(pad).dilation(dilation));
                        }
                    }
                }
            }
        }
        assertThat(Window2d.of(3).stride(2).pad(1).formula(28, 14, false))
                .isEqualTo("height (28 + 2*1 - 1*(3-1) - 1)/2 + 1 = 14, width (14 + 2*1 - 1*(3-1) - 1)/2 + 1 = 7");
        assertThat(Window2d.of(3, 5).stride(2, 1).formulaH(28, true)).isEqualTo("height ceil((28 + 2*0 - 1*(3-1) - 1)/2) + 1 = 14");
        assertThat(Window2d.of(3, 5).stride(2, 1).pad(1).dilation(1, 2)).hasToString("3x5 stride 2x1 pad 1 dilation 1x2");
    }

    /** Counts the windows one by one. */
    private static void checkWindow(long size, Window2d w) {
        long extent = w.dilationH() * (w.kernelH() - 1) + 1;
        long floor = 0;
        while (floor * w.strideH() - w.padH() + extent <= size + w.padH()) {
            floor++;
        }
        assertThat(w.outH(size, false)).isEqualTo(floor);
        if (floor > 0) {
            long last = floor * w.strideH() - w.padH();
            boolean more = (floor - 1) * w.strideH() - w.padH() + extent < size + w.padH();
            assertThat(w.outW(size, true)).isEqualTo(more && last < size ? floor + 1 : floor);
        }
    }
}
