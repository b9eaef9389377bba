package dev.sinew.app;

import dev.sinew.Broadcast;
import dev.sinew.Cpu;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AdamStep;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.AvgPool2dGradient;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormGradient;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Bce;
import dev.sinew.op.BceGradient;
import dev.sinew.op.Binary;
import dev.sinew.op.Cast;
import dev.sinew.op.Concat;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Conv2dWeightGradient;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.CrossEntropyGradient;
import dev.sinew.op.Dropout;
import dev.sinew.op.Gemm;
import dev.sinew.op.GroupNorm;
import dev.sinew.op.GroupNormGradient;
import dev.sinew.op.Hinge;
import dev.sinew.op.HingeGradient;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.MaxPool2dGradient;
import dev.sinew.op.Mse;
import dev.sinew.op.MseGradient;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Pad;
import dev.sinew.op.Permute;
import dev.sinew.op.RandomFill;
import dev.sinew.op.Reduce;
import dev.sinew.op.Reduction;
import dev.sinew.op.SgdStep;
import dev.sinew.op.Slice;
import dev.sinew.op.SliceGradient;
import dev.sinew.op.Softmax;
import dev.sinew.op.SoftmaxGradient;
import dev.sinew.op.Unary;
import dev.sinew.op.UnaryGradient;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Runs every operation on random numbers by each instruction set's kernels, and compares with those in plain C. */
final class SelfTest {
    /** Of the largest magnitude in a result: far above the rounding of these sizes, far below a wrong number. */
    private static final double TOLERANCE = 2e-4;
    private static final Reduction MEAN = Reduction.MEAN;

    private record Case(Op op, Tensor... inputs) {}

    /**
     * What one instruction set came to.
     *
     * @param operations how many were run
     * @param problems one sentence for each that went wrong
     */
    record Result(Cpu.Isa isa, int operations, List<String> problems) {}

    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Case> cases = new ArrayList<>();

    private SelfTest() {}

    /** Tests every instruction set above plain C up to the one in use; leaves that one in use. */
    static List<Result> run() {
        Cpu.Isa active = Cpu.isa();
        List<Result> results = new ArrayList<>();
        try (var _ = Scope.open()) {
            SelfTest test = new SelfTest();
            test.collect();
            for (Cpu.Isa isa : Cpu.Isa.values()) {
                if (isa != Cpu.Isa.GENERIC && isa.isAvailable() && isa.compareTo(active) <= 0) {
                    results.add(test.compare(isa));
                }
            }
            if (results.isEmpty()) {
                results.add(test.compare(Cpu.Isa.GENERIC));
            }
        } finally {
            Cpu.setMaxIsa(active);
        }
        return results;
    }

    private Result compare(Cpu.Isa isa) {
        List<String> problems = new ArrayList<>();
        for (Case one : cases) {
            String name = Ops.describe(one.op, Ops.specs(one.inputs));
            try {
                double difference = difference(outcome(one, Cpu.Isa.GENERIC), outcome(one, isa));
                if (!(difference <= TOLERANCE)) {
                    problems.add(String.format("%s differs by %.2g of its largest value", name, difference));
                }
            } catch (RuntimeException e) {
                problems.add(name + " fails: " + e.getMessage());
            }
        }
        return new Result(isa, cases.size(), problems);
    }

    /** Outputs, and the inputs that are overwritten. */
    private static List<double[]> outcome(Case one, Cpu.Isa isa) {
        Cpu.setMaxIsa(isa);
        try (var _ = Scope.open()) {
            Tensor[] inputs = new Tensor[one.inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = one.inputs[i].copy();
            }
            List<double[]> values = new ArrayList<>();
            for (Tensor output : Ops.applyAll(one.op, inputs)) {
                values.add(output.toDoubles());
            }
            for (int i : one.op.mutates()) {
                values.add(inputs[i].toDoubles());
            }
            return values;
        }
    }

    private static double difference(List<double[]> expected, List<double[]> actual) {
        double worst = 0;
        for (int k = 0; k < expected.size(); k++) {
            double largest = 1e-30;
            double apart = 0;
            for (int i = 0; i < expected.get(k).length; i++) {
                double a = expected.get(k)[i];
                double b = actual.get(k)[i];
                largest = Math.max(largest, Math.abs(a));
                apart = a == b || Double.isNaN(a) && Double.isNaN(b) ? apart : Double.isNaN(a - b) ? Double.POSITIVE_INFINITY
                        : Math.max(apart, Math.abs(a - b));
            }
            worst = Math.max(worst, apart / largest);
        }
        return worst;
    }

    // ---- what is run: sizes that are no multiples of a vector, so that the tails run too ----

    private void collect() {
        matrices();
        convolutions();
        pooling();
        elementwise();
        losses();
        normalisation();
        moving();
        chance();
        updates();
    }

    private void add(Op op, Tensor... inputs) {
        cases.add(new Case(op, inputs));
    }

    private void matrices() {
        for (boolean left : new boolean[] {false, true}) {
            for (boolean right : new boolean[] {false, true}) {
                add(new Gemm(left, right), left ? values(51, 37) : values(37, 51), right ? values(67, 51) : values(51, 67), values(67));
            }
        }
        // large enough for OpenBLAS, where there is one
        add(new Gemm(false, true), values(130, 300), values(190, 300));
        add(new Gemm(false, false, new Activation(Activation.Kind.TANH, 0)), values(5, 7), values(7, 3), values(3));
    }

    private void convolutions() {
        convolution(Window2d.of(3).pad(1), 1, 2, 3, 16, 13, 32);
        convolution(Window2d.of(5).pad(2), 1, 3, 1, 14, 14, 6);
        convolution(Window2d.of(1).stride(2), 1, 2, 20, 9, 9, 40);
        convolution(Window2d.of(3).stride(2).pad(1), 2, 2, 8, 11, 7, 12);
        convolution(Window2d.of(3).dilation(2), 1, 1, 5, 12, 12, 7);
        convolution(Window2d.of(3).pad(1), 1, 2, 64, 8, 8, 64);
    }

    private void convolution(Window2d window, long groups, long n, long c, long h, long w, long channels) {
        Shape x = Shape.of(n, c, h, w);
        Shape weight = Shape.of(channels, c / groups, window.kernelH(), window.kernelW());
        Shape y = Shape.of(n, channels, window.outH(h, false), window.outW(w, false));
        add(new Conv2d(window, groups, new Activation(Activation.Kind.RELU, 0)), values(x), values(weight), values(channels));
        add(new Conv2dInputGradient(window, groups, x), values(y), values(weight));
        add(new Conv2dWeightGradient(window, groups, weight, true), values(x), values(y));
    }

    private void pooling() {
        Shape x = Shape.of(2, 19, 11, 9);
        for (Window2d window : List.of(Window2d.of(2).stride(2), Window2d.of(3).stride(2).pad(1))) {
            Tensor image = values(x);
            add(new MaxPool2d(window, false), image);
            add(new AvgPool2d(window, false, true), image);
            Tensor[] pooled = Ops.applyAll(new MaxPool2d(window, false), image);
            Tensor dy = values(pooled[0].shape());
            add(new MaxPool2dGradient(window, x), dy, pooled[1]);
            add(new AvgPool2dGradient(window, false, true, x), dy);
        }
    }

    private void elementwise() {
        for (Unary.Kind kind : Unary.Kind.values()) {
            Unary op = new Unary(kind, 0.3, 0.7);
            Tensor x = kind == Unary.Kind.LOG || kind == Unary.Kind.SQRT || kind == Unary.Kind.RECIPROCAL ? positive(1003) : values(1003);
            add(op, x);
            if (kind != Unary.Kind.AFFINE && kind != Unary.Kind.SIGN && kind != Unary.Kind.STEP) {
                add(new UnaryGradient(op), values(1003), needsResult(kind) ? Ops.apply(op, x) : x);
            }
        }
        for (Binary.Kind kind : Binary.Kind.values()) {
            add(new Binary(kind, Broadcast.YES), positive(7, 13, 21), positive(13, 21));
            add(new Binary(kind, Broadcast.NO), positive(999), positive(999));
        }
    }

    /** Whether the derivative is computed from f(x), and not from x. */
    private static boolean needsResult(Unary.Kind kind) {
        return switch (kind) {
            case RELU, SIGMOID, TANH, EXP, SQRT, RECIPROCAL, SOFTSIGN, CLAMP -> true;
            default -> false;
        };
    }

    private void losses() {
        Tensor logits = values(33, 10);
        Tensor labels = labels(33, 10);
        Tensor loss = values();
        CrossEntropy crossEntropy = new CrossEntropy(MEAN, 0.1, -100);
        Tensor probabilities = Ops.applyAll(crossEntropy, logits, labels)[1];
        add(crossEntropy, logits, labels);
        add(new CrossEntropyGradient(crossEntropy), probabilities, labels, loss);
        Hinge hinge = new Hinge(MEAN, 1, 1, false);
        add(hinge, logits, labels);
        add(new HingeGradient(hinge), logits, labels, loss);
        add(new Mse(MEAN), logits, values(33, 10));
        add(new MseGradient(MEAN), logits, values(33, 10), loss);
        Bce bce = new Bce(MEAN, false, false);
        add(bce, logits, positive(33, 10).mul(0.5));
        add(new BceGradient(bce), logits, positive(33, 10).mul(0.5), loss);
        for (boolean log : new boolean[] {false, true}) {
            add(new Softmax(log), logits);
            add(new SoftmaxGradient(log), values(33, 10), Ops.apply(new Softmax(log), logits));
        }
    }

    private void normalisation() {
        Activation relu = new Activation(Activation.Kind.RELU, 0);
        for (Tensor x : new Tensor[] {values(3, 21, 7, 5), values(37, 50)}) {
            long c = x.shape().dim(1);
            Tensor gamma = positive(c);
            add(new BatchNorm(1e-5, 0.1, relu), x, gamma, values(c), values(c), positive(c));
            add(new BatchNormInfer(1e-5, relu), x, gamma, values(c), values(c), positive(c));
            add(new GroupNorm(1, 1e-5, false), x, gamma, values(c));
            add(new GroupNormGradient(new GroupNorm(1, 1e-5, false)), x, values(x.shape()), values(x.shape().dim(0), 1),
                    positive(x.shape().dim(0), 1), gamma);
            add(new BatchNormGradient(Activation.IDENTITY), x, values(x.shape()), gamma, values(c), positive(c));
        }
    }

    private void moving() {
        Tensor x = values(6, 7, 10, 11);
        add(Reduce.of(Reduce.Kind.SUM), x);
        add(Reduce.of(Reduce.Kind.MEAN, 0, 2, 3), x);
        add(Reduce.of(Reduce.Kind.MAX, 3), x);
        add(Reduce.of(Reduce.Kind.ARGMAX, 1), values(50, 13));
        add(new Permute(0, 2, 3, 1), x);
        add(new Permute(1, 0), values(45, 67));
        add(new Concat(1), x, values(6, 2, 10, 11));
        add(new Slice(2, 1, 4, 2), x);
        add(new SliceGradient(2, 1, 2, x.shape()), values(6, 7, 4, 11));
        add(new Pad(new long[] {0, 0, 1, 2}, new long[] {0, 1, 0, 3}, 0.5), x);
        add(new Cast(DType.F64), x);
        add(new Cast(DType.I32), x.mul(100));
    }

    private void chance() {
        Tensor step = Tensor.of(new long[] {3});
        add(new Dropout(0.4, 7), values(1001), step);
        add(new RandomFill(RandomFill.Kind.UNIFORM, -1, 2, 7, Spec.of(DType.F32, Shape.of(1001))), step);
        add(new RandomFill(RandomFill.Kind.NORMAL, 0, 1, 7, Spec.of(DType.F32, Shape.of(1001))), step);
    }

    private void updates() {
        Tensor rate = Tensor.of(new double[] {0.1});
        Tensor step = Tensor.of(new long[] {3});
        add(new SgdStep(0.9, 0, 1e-2, true), values(1001), values(1001), rate, step, values(1001));
        add(new AdamStep(0.9, 0.999, 1e-8, 1e-2, true), values(1001), values(1001), rate, step, values(1001), positive(1001));
    }

    // ---- random numbers ----

    private Tensor values(long... shape) {
        return values(Shape.of(shape));
    }

    /** Between -2 and 2. */
    private Tensor values(Shape shape) {
        float[] numbers = new float[(int) shape.count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.of(numbers, shape.dims());
    }

    /** Between 0.1 and 2. */
    private Tensor positive(long... shape) {
        float[] numbers = new float[(int) Shape.of(shape).count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(0.1, 2);
        }
        return Tensor.of(numbers, shape);
    }

    private Tensor labels(int rows, int classes) {
        int[] numbers = new int[rows];
        for (int i = 0; i < rows; i++) {
            numbers[i] = random.nextInt(classes);
        }
        return Tensor.of(numbers, rows);
    }
}
