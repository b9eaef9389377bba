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
        return List.of(this::recurrence, this::recurrenceGradient);
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
}
