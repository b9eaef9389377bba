package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Random operations with random inputs, about half of them as they should be, the others changed in one place. */
final class FuzzOps {
    /** An operation and what it is given. */
    record Trial(Op op, List<Spec> inputs) {}

    private static final long[] WILD = {0, -1, -7, 1L << 20, 1L << 31, (1L << 31) - 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final double[] WILD_DOUBLES = {0, -0.0, 1, -1, 2, 1e300, -1e300, 1e-300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

    private SplittableRandom random;

    Trial next(SplittableRandom source) {
        random = source;
        List<Supplier<Trial>> makers = new ArrayList<>(List.of(this::unary, this::unaryGradient, this::binary, this::gemm, this::convolution, this::convolution, this::convolution,
                this::pooling, this::pooling, this::pooling, this::batchNorm, this::batchNorm, this::groupNorm, this::softmax, this::crossEntropy, this::hinge, this::mse, this::bce,
                this::dropout, this::reduce, this::reshape, this::permute, this::slice, this::concat, this::pad, this::broadcast, this::cast, this::fill,
                this::sgd, this::adam, this::adaptive, this::lamb, this::clip, this::blend, this::custom));
        makers.addAll(new FuzzSequences(source).makers());
        makers.addAll(new FuzzImages(source).makers());
        Trial trial = makers.get(random.nextInt(makers.size())).get();
        return random.nextBoolean() ? trial : new Trial(trial.op, changed(trial.inputs));
    }

    /** A rule that is right, or gives something of another shape. */
    private Trial custom() {
        Spec spec = spec(real(), shape(0, 4));
        boolean right = random.nextInt(4) > 0;
        return new Trial(new WithGradient("custom", (in, out, dy) -> right ? new Tensor[] {dy.mul(out)} : new Tensor[] {dy.sum(), out}),
                right ? List.of(spec, spec) : List.of(spec, spec, Spec.of(DType.F32, shape(0, 2))));
    }

    // ---- numbers ----

    private boolean coin() {
        return random.nextBoolean();
    }

    private long size() {
        return random.nextInt(12) == 0 ? random.nextInt(1, 40) : random.nextInt(1, 7);
    }

    /** From least to most, or rarely anything. */
    private long number(long least, long most) {
        return random.nextInt(60) == 0 ? WILD[random.nextInt(WILD.length)] : random.nextLong(least, most + 1);
    }

    private double real(double least, double most) {
        return random.nextInt(40) == 0 ? WILD_DOUBLES[random.nextInt(WILD_DOUBLES.length)] : random.nextDouble(least, most);
    }

    private <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private DType real() {
        return coin() ? DType.F32 : DType.F64;
    }

    private Shape shape(int least, int most) {
        long[] dims = new long[random.nextInt(least, most + 1)];
        Arrays.setAll(dims, d -> size());
        return Shape.of(dims);
    }

    private Spec spec(DType dtype, long... dims) {
        Shape shape = Shape.of(dims);
        return new Spec(dtype, shape, dims.length == 4 && coin() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR);
    }

    private Spec spec(DType dtype, Shape shape) {
        return spec(dtype, shape.dims());
    }

    private static Spec step() {
        return Spec.of(DType.I64, Shape.scalar());
    }

    /** One of them dropped, doubled, replaced, or of another type, size or rank. */
    private List<Spec> changed(List<Spec> inputs) {
        List<Spec> list = new ArrayList<>(inputs);
        if (list.isEmpty() || random.nextInt(10) == 0) {
            list.add(spec(one(DType.values()), shape(0, 5)));
            return list;
        }
        int i = random.nextInt(list.size());
        Spec x = list.get(i);
        switch (random.nextInt(6)) {
            case 0 -> list.remove(i);
            case 1 -> list.add(i, x);
            case 2 -> list.set(i, spec(x.dtype(), shape(0, 5)));
            case 3 -> list.set(i, spec(one(DType.values()), x.shape()));
            case 4 -> list.set(i, x.shape().rank() == 0 ? x : spec(x.dtype(), x.shape().with(random.nextInt(x.shape().rank()), size())));
            default -> list.set(i, x.shape().rank() == 8 ? x : spec(x.dtype(), x.shape().withFirst(1)));
        }
        return list;
    }

    // ---- operations ----

    private Trial unary() {
        return new Trial(new Unary(one(Unary.Kind.values()), real(-2, 2), real(-2, 2)), List.of(spec(real(), shape(0, 5))));
    }

    private Trial unaryGradient() {
        Spec x = spec(real(), shape(0, 5));
        return new Trial(new UnaryGradient(new Unary(one(Unary.Kind.values()), real(-2, 2), real(-2, 2))), List.of(spec(x.dtype(), x.shape()), x));
    }

    private Trial binary() {
        DType dtype = real();
        long[] a = shape(0, 5).dims();
        long[] b = Arrays.copyOfRange(a, random.nextInt(a.length + 1), a.length);
        Arrays.setAll(b, d -> random.nextInt(3) == 0 ? 1 : b[d]);
        List<Spec> inputs = List.of(spec(dtype, a), spec(dtype, coin() ? a : b));
        return new Trial(new Binary(one(Binary.Kind.values()), one(Broadcast.values())), coin() ? inputs : inputs.reversed());
    }

    private Trial gemm() {
        DType dtype = real();
        boolean transA = coin();
        boolean transB = coin();
        long m = size();
        long n = size();
        long k = size();
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, transA ? k : m, transA ? m : k), spec(dtype, transB ? n : k, transB ? k : n)));
        if (coin()) {
            inputs.add(spec(dtype, n));
        }
        if (random.nextInt(6) == 0) {
            return new Trial(new GemmPack(transB, m), List.of(inputs.get(1)));
        }
        boolean packed = random.nextInt(4) == 0;
        if (packed) {
            inputs.add(2, new GemmPack(transB, m).outputs(inputs.subList(1, 2)).getFirst());
        }
        return new Trial(new Gemm(transA, transB, new Activation(one(Activation.Kind.values()), real(-1, 1)), packed), inputs);
    }

    private Window2d window() {
        return new Window2d(number(1, 4), number(1, 4), number(1, 3), number(1, 3), number(0, 2), number(0, 2), number(1, 2), number(1, 2));
    }

    private Trial convolution() {
        DType dtype = real();
        Window2d w = window();
        long groups = number(1, 3);
        long c = Math.min(64, Math.abs(groups)) * random.nextInt(1, 5);
        long o = Math.min(64, Math.abs(groups)) * random.nextInt(1, 5);
        Shape x = Shape.of(size(), Math.max(1, c), size() + 3, size() + 3);
        Shape weight = Shape.of(Math.max(1, o), Math.max(1, c / Math.max(1, groups)), Math.min(9, w.kernelH()), Math.min(9, w.kernelW()));
        long oh = Math.clamp(w.outH(x.dim(2), false), 1, 64);
        long ow = Math.clamp(w.outW(x.dim(3), false), 1, 64);
        Shape y = Shape.of(x.dim(0), weight.dim(0), oh, ow);
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, x), spec(dtype, weight)));
        return switch (random.nextInt(4)) {
            case 0 -> {
                boolean residual = random.nextInt(3) == 0;
                boolean packed = random.nextInt(4) == 0;
                if (residual) {
                    inputs.add(spec(dtype, y));
                }
                if (packed) {
                    inputs.add(new Conv2dPack(w, groups, x).outputs(inputs.subList(1, 2)).getFirst());
                }
                if (coin()) {
                    inputs.add(spec(dtype, weight.dim(0)));
                }
                WindowPooling pooling = coin() ? WindowPooling.NONE : new WindowPooling(one(WindowPooling.Kind.values()), number(1, 3), number(1, 3));
                yield new Trial(new Conv2d(w, groups, new Activation(one(Activation.Kind.values()), real(-1, 1)), residual, packed, pooling), inputs);
            }
            case 3 -> new Trial(new Conv2dPack(w, groups, x), List.of(inputs.get(1)));
            case 1 -> new Trial(new Conv2dInputGradient(w, groups, x), List.of(spec(dtype, y), inputs.get(1)));
            default -> new Trial(new Conv2dWeightGradient(w, groups, weight, coin()), List.of(inputs.get(0), spec(dtype, y)));
        };
    }

    private Trial pooling() {
        DType dtype = real();
        Window2d w = window();
        boolean average = coin();
        if (random.nextInt(5) > 0) {
            w = w.pad(Math.min(w.padH(), w.kernelH() / 2), Math.min(w.padW(), w.kernelW() / 2));
            w = average ? w.dilation(1) : w;
        }
        boolean ceil = coin();
        boolean count = coin();
        Shape x = Shape.of(size(), size(), size() + 3, size() + 3);
        Shape y = Shape.of(x.dim(0), x.dim(1), Math.clamp(w.outH(x.dim(2), ceil), 1, 64), Math.clamp(w.outW(x.dim(3), ceil), 1, 64));
        boolean gradient = coin();
        if (average) {
            return gradient ? new Trial(new AvgPool2dGradient(w, ceil, count, x), List.of(spec(dtype, y)))
                    : new Trial(new AvgPool2d(w, ceil, count), List.of(spec(dtype, x)));
        }
        return gradient ? new Trial(new MaxPool2dGradient(w, x), List.of(spec(dtype, y), spec(DType.I32, y)))
                : new Trial(new MaxPool2d(w, ceil, count), List.of(spec(dtype, x)));
    }

    private Trial batchNorm() {
        DType dtype = real();
        Shape x = coin() ? Shape.of(size(), size()) : Shape.of(size(), size(), size(), size());
        Spec c = spec(dtype, x.dim(1));
        Activation activation = new Activation(one(Activation.Kind.values()), 0);
        if (random.nextInt(4) > 0) {
            activation = coin() ? Activation.IDENTITY : new Activation(Activation.Kind.RELU, 0);
        }
        return switch (random.nextInt(3)) {
            case 0 -> new Trial(new BatchNorm(real(0, 1), real(0, 1), activation), List.of(spec(dtype, x), c, c, c, c));
            case 1 -> new Trial(new BatchNormInfer(real(0, 1), activation), List.of(spec(dtype, x), c, c, c, c));
            default -> {
                List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, x), spec(dtype, x), c, c, c));
                if (activation.kind() == Activation.Kind.RELU) {
                    inputs.add(c);
                }
                yield new Trial(new BatchNormGradient(activation), inputs);
            }
        };
    }

    private Trial groupNorm() {
        DType dtype = real();
        long groups = number(1, 4);
        long c = Math.clamp(groups, 1, 4) * random.nextInt(1, 5);
        Shape x = coin() ? Shape.of(size(), c) : Shape.of(size(), c, size(), size());
        GroupNorm op = new GroupNorm(groups, real(0, 1), coin());
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, x)));
        if (coin()) {
            for (int i = random.nextInt(3); i > 0; i--) {
                inputs.add(spec(dtype, c));
            }
            return new Trial(op, inputs);
        }
        Spec saved = spec(dtype, x.dim(0), Math.clamp(groups, 1, 4));
        inputs.addAll(List.of(spec(dtype, x), saved, saved));
        if (coin()) {
            inputs.add(spec(dtype, c));
        }
        return new Trial(new GroupNormGradient(op), inputs);
    }

    private Trial softmax() {
        Spec x = spec(real(), shape(1, 5));
        return coin() ? new Trial(new Softmax(coin()), List.of(x)) : new Trial(new SoftmaxGradient(coin()), List.of(spec(x.dtype(), x.shape()), x));
    }

    /** Rows, labels, the gradient of the loss if asked for, weights or not. */
    private List<Spec> rows(DType dtype, Reduction reduction, boolean gradient) {
        Shape x = Shape.of(size(), size() + 1);
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, x), spec(DType.I32, x.dim(0))));
        if (gradient) {
            inputs.add(reduction == Reduction.NONE ? spec(dtype, x.dim(0)) : spec(dtype));
        }
        if (coin()) {
            inputs.add(spec(dtype, x.dim(1)));
        }
        return inputs;
    }

    private Trial crossEntropy() {
        CrossEntropy op = new CrossEntropy(one(Reduction.values()), real(0, 1), coin() ? -100 : number(0, 3));
        boolean gradient = coin();
        return new Trial(gradient ? new CrossEntropyGradient(op) : op, rows(real(), op.reduction(), gradient));
    }

    private Trial hinge() {
        Hinge op = new Hinge(one(Reduction.values()), (int) number(1, 2), real(-1, 2), coin());
        boolean gradient = coin();
        return new Trial(gradient ? new HingeGradient(op) : op, rows(real(), op.reduction(), gradient));
    }

    private Trial mse() {
        Reduction reduction = one(Reduction.values());
        DType dtype = real();
        Shape x = shape(0, 5);
        return coin() ? new Trial(new Mse(reduction), List.of(spec(dtype, x), spec(dtype, x)))
                : new Trial(new MseGradient(reduction), List.of(spec(dtype, x), spec(dtype, x), reduction == Reduction.NONE ? spec(dtype, x) : spec(dtype)));
    }

    private Trial bce() {
        Bce op = new Bce(one(Reduction.values()), coin(), coin());
        boolean gradient = coin();
        DType dtype = real();
        Shape x = shape(1, 5);
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, x), spec(dtype, x)));
        if (gradient) {
            inputs.add(op.reduction() == Reduction.NONE ? spec(dtype, x) : spec(dtype));
        }
        if (op.weight()) {
            inputs.add(spec(dtype, x));
        }
        if (op.posWeight()) {
            inputs.add(spec(dtype, x.dim(-1)));
        }
        return new Trial(gradient ? new BceGradient(op) : op, inputs);
    }

    private Trial dropout() {
        return coin() ? new Trial(new Dropout(real(0, 1), random.nextLong()), List.of(spec(real(), shape(0, 5)), step()))
                : new Trial(new RandomFill(one(RandomFill.Kind.values()), real(-1, 0), real(0, 1), random.nextLong(),
                        spec(random.nextInt(20) == 0 ? one(DType.values()) : real(), shape(0, 5))), List.of(step()));
    }

    private Trial reduce() {
        Spec x = spec(real(), shape(0, 5));
        List<Integer> dims = new ArrayList<>();
        for (int d = 0; d < x.shape().rank(); d++) {
            if (random.nextInt(3) == 0) {
                dims.add(coin() ? d : d - x.shape().rank());
            }
        }
        if (random.nextInt(20) == 0) {
            dims.add((int) number(-6, 6));
        }
        return new Trial(new Reduce(one(Reduce.Kind.values()), dims, coin()), List.of(x));
    }

    private Trial reshape() {
        Spec x = spec(one(DType.values()), shape(0, 5));
        long[] to = x.shape().dims();
        for (int i = to.length - 1; i > 0; i--) {
            int k = random.nextInt(i + 1);
            long t = to[i];
            to[i] = to[k];
            to[k] = t;
        }
        if (to.length > 0) {
            int d = random.nextInt(to.length);
            to[d] = random.nextInt(4) == 0 ? number(-1, 5) : coin() ? -1 : to[d];
        }
        return new Trial(Reshape.of(x, to), List.of(x));
    }

    private Trial permute() {
        Spec x = spec(one(DType.values()), shape(0, 5));
        List<Integer> order = new ArrayList<>();
        for (int d = 0; d < x.shape().rank(); d++) {
            order.add(random.nextInt(order.size() + 1), coin() ? d : d - x.shape().rank());
        }
        if (random.nextInt(10) == 0 && !order.isEmpty()) {
            order.set(random.nextInt(order.size()), (int) number(-6, 6));
        }
        return random.nextInt(4) == 0 ? new Trial(coin() ? new Copy() : new Convert(one(Layout.values())), List.of(x)) : new Trial(new Permute(order), List.of(x));
    }

    private Trial slice() {
        Spec x = spec(one(DType.values()), shape(1, 5));
        int dim = (int) number(-x.shape().rank(), x.shape().rank() - 1);
        long start = number(0, 2);
        long length = number(1, 4);
        long step = number(1, 2);
        int d = Math.floorMod(dim, x.shape().rank());
        return coin() ? new Trial(new Slice(dim, start, length, step), List.of(x))
                : new Trial(new SliceGradient(dim, start, step, x.shape().with(d, 8)), List.of(spec(x.dtype(), x.shape().with(d, Math.clamp(length, 1, 9)))));
    }

    private Trial concat() {
        Spec x = spec(one(DType.values()), shape(1, 5));
        int dim = (int) number(-x.shape().rank(), x.shape().rank() - 1);
        List<Spec> inputs = new ArrayList<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            inputs.add(spec(x.dtype(), x.shape().with(Math.floorMod(dim, x.shape().rank()), size())));
        }
        return new Trial(new Concat(dim), inputs);
    }

    private Trial pad() {
        Spec x = spec(one(DType.values()), shape(0, 5));
        long[] before = new long[x.shape().rank()];
        long[] after = new long[x.shape().rank()];
        Arrays.setAll(before, d -> number(-2, 3));
        Arrays.setAll(after, d -> number(-1, 3));
        return new Trial(new Pad(before, after, coin() ? random.nextInt(-9, 9) : real(-1, 1)), List.of(x));
    }

    private Trial broadcast() {
        Shape to = shape(0, 5);
        long[] from = Arrays.copyOfRange(to.dims(), random.nextInt(to.rank() + 1), to.rank());
        Arrays.setAll(from, d -> coin() ? 1 : from[d]);
        return new Trial(new BroadcastTo(to), List.of(spec(one(DType.values()), from)));
    }

    private Trial cast() {
        return new Trial(new Cast(one(DType.values())), List.of(spec(one(DType.values()), shape(0, 5))));
    }

    private Trial fill() {
        return new Trial(new Fill(spec(one(DType.values()), shape(0, 5)), coin() ? random.nextInt() : real(-1, 1)), List.of());
    }

    private Trial sgd() {
        Spec p = spec(real(), shape(0, 5));
        SgdStep op = new SgdStep(coin() ? 0 : real(0, 1), coin() ? 0 : real(0, 1), real(0, 1), random.nextInt(3) == 0);
        List<Spec> inputs = new ArrayList<>(List.of(p, spec(p.dtype(), p.shape()), Spec.of(DType.F64, Shape.scalar()), step()));
        if (op.momentum() != 0) {
            inputs.add(p);
        }
        return new Trial(op, inputs);
    }

    private Trial adam() {
        Spec p = spec(real(), shape(0, 5));
        return new Trial(new AdamStep(real(0, 1), real(0, 1), real(0, 1), real(0, 1), coin()),
                List.of(p, spec(p.dtype(), p.shape()), Spec.of(DType.F64, Shape.scalar()), step(), p, p));
    }

    private Trial adaptive() {
        Spec p = spec(real(), shape(0, 5));
        AdaptiveStep op = new AdaptiveStep(one(AdaptiveStep.Rule.values()), real(0, 1), real(0, 1), coin() ? real(0, 1) : real(1, 2), real(0, 1), real(0, 2), coin());
        List<Spec> inputs = new ArrayList<>(List.of(p, spec(p.dtype(), p.shape()), Spec.of(DType.F64, Shape.scalar()), step()));
        inputs.addAll(Collections.nCopies(op.states(), p));
        return new Trial(op, inputs);
    }

    private Trial lamb() {
        Spec p = spec(real(), shape(0, 5));
        return new Trial(new LambStep(real(0, 1), real(0, 1), real(0, 1), real(0, 1)),
                List.of(p, spec(p.dtype(), p.shape()), Spec.of(DType.F64, Shape.scalar()), step(), p, p));
    }

    private Trial clip() {
        ClipStep op = new ClipStep(one(ClipStep.Kind.values()), real(0, 2));
        Spec x = spec(real(), shape(0, 5));
        return new Trial(op, op.kind() == ClipStep.Kind.NORM ? List.of(x, Spec.of(DType.F64, Shape.scalar())) : List.of(x));
    }

    private Trial blend() {
        Spec y = spec(real(), shape(0, 5));
        Spec share = Spec.of(DType.F64, Shape.scalar());
        return new Trial(new Blend(), List.of(y, spec(y.dtype(), y.shape()), share, share));
    }
}
