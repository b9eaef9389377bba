package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** The operations on sequences for {@link FuzzOps}. */
final class FuzzSequences {
    private final SplittableRandom random;

    FuzzSequences(SplittableRandom random) {
        this.random = random;
    }

    List<Supplier<FuzzOps.Trial>> makers() {
        return List.of(this::recurrence, this::recurrenceGradient, this::select, this::gather, this::product, this::ctc);
    }

    private boolean coin() {
        return random.nextBoolean();
    }

    private long size() {
        return random.nextLong(1, 6);
    }

    private DType real() {
        return coin() ? DType.F32 : DType.F64;
    }

    private static Spec spec(DType dtype, long... dims) {
        return Spec.of(dtype, Shape.of(dims));
    }

    private static Spec f(Spec like, long... dims) {
        return spec(like.dtype(), dims);
    }

    private FuzzOps.Trial recurrence() {
        Recurrence.Kind kind = Recurrence.Kind.values()[random.nextInt(4)];
        Recurrence op = new Recurrence(kind, coin(), coin(), coin(), coin());
        DType dtype = real();
        long n = size();
        long h = size();
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, size(), n, kind.gates() * h), spec(dtype, kind.gates() * h, h)));
        if (op.bias()) {
            inputs.add(spec(dtype, kind.gates() * h));
        }
        for (int i = 0; op.initial() && i < (kind == Recurrence.Kind.LSTM ? 2 : 1); i++) {
            inputs.add(spec(dtype, n, h));
        }
        if (op.lengths()) {
            inputs.add(spec(DType.I32, n));
        }
        return new FuzzOps.Trial(op, inputs);
    }

    private FuzzOps.Trial recurrenceGradient() {
        FuzzOps.Trial forward = recurrence();
        Recurrence op = (Recurrence) forward.op();
        List<Spec> out = op.outputs(forward.inputs());
        boolean lstm = op.kind() == Recurrence.Kind.LSTM;
        RecurrenceGradient gradient = new RecurrenceGradient(op, coin(), coin(), (lstm || random.nextInt(40) == 0) && coin(), coin());
        List<Spec> inputs = new ArrayList<>(List.of(forward.inputs().get(1), out.get(op.yOutput())));
        if (op.kind().isGated()) {
            inputs.add(out.get(0));
            inputs.add(out.get(2));
        }
        inputs.addAll(forward.inputs().subList(op.bias() ? 3 : 2, forward.inputs().size()));
        Spec y = out.get(op.yOutput());
        if (gradient.dy()) {
            inputs.add(y);
        }
        for (boolean given : new boolean[] {gradient.dhn(), gradient.dcn()}) {
            if (given) {
                inputs.add(f(y, y.shape().withoutFirst().dims()));
            }
        }
        return new FuzzOps.Trial(gradient, inputs);
    }

    private Shape shape() {
        long[] dims = new long[random.nextInt(1, 5)];
        java.util.Arrays.setAll(dims, d -> size() + 1);
        return Shape.of(dims);
    }

    private int number(int least, int most) {
        return random.nextInt(30) == 0 ? random.nextInt(-9, 9) : random.nextInt(least, most + 1);
    }

    private FuzzOps.Trial select() {
        Spec x = Spec.of(random.nextInt(5) == 0 ? DType.I32 : real(), shape());
        Spec index = coin() ? spec(DType.I32, size()) : spec(DType.I32);
        int dim = number(-x.shape().rank(), x.shape().rank() - 1);
        IndexSelect op = new IndexSelect(dim, number(-1, 1));
        if (coin() || dim < -x.shape().rank() || dim >= x.shape().rank()) {
            return new FuzzOps.Trial(op, List.of(x, index));
        }
        Spec y = new IndexSelect(dim).outputs(List.of(x, index)).getFirst();
        return new FuzzOps.Trial(new IndexAdd(dim, x.shape(), op.skip()), List.of(y, index));
    }

    private FuzzOps.Trial gather() {
        Spec x = Spec.of(real(), shape());
        int dim = number(-x.shape().rank(), x.shape().rank() - 1);
        Shape index = x.shape().with(Math.floorMod(dim, x.shape().rank()), size());
        return coin() ? new FuzzOps.Trial(new Gather(dim), List.of(x, Spec.of(DType.I32, index)))
                : new FuzzOps.Trial(new ScatterAdd(dim, number(1, 5)), List.of(x, Spec.of(DType.I32, x.shape())));
    }

    private FuzzOps.Trial product() {
        DType dtype = real();
        boolean transA = coin();
        boolean transB = coin();
        long m = size();
        long n = size();
        long k = size();
        long b = size();
        long[] a = {coin() ? b : 1, transA ? k : m, transA ? m : k};
        long[] other = {coin() ? b : 1, transB ? n : k, transB ? k : n};
        Spec second = coin() ? spec(dtype, other) : coin() ? spec(dtype, other[1], other[2]) : spec(dtype, size(), other[0], other[1],
                other[2]);
        return new FuzzOps.Trial(new MatMul(transA, transB, coin() ? 1 : random.nextGaussian()), List.of(spec(dtype, a), second));
    }

    private FuzzOps.Trial ctc() {
        CtcLoss op = new CtcLoss(Reduction.values()[random.nextInt(3)], Math.max(0, number(2, 3)), coin());
        DType dtype = real();
        long n = size();
        List<Spec> inputs = new ArrayList<>(List.of(spec(dtype, size(), n, 4), spec(DType.I32, n, size()), spec(DType.I32, n),
                spec(DType.I32, n)));
        if (coin()) {
            return new FuzzOps.Trial(op, inputs);
        }
        inputs.add(op.reduction() == Reduction.NONE ? spec(dtype, n) : spec(dtype));
        return new FuzzOps.Trial(new CtcLossGradient(op), inputs);
    }
}
