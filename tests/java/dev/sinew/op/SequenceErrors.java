package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import java.util.List;

/** Bad arguments of the operations on sequences for {@link ShapeErrorTest}. */
final class SequenceErrors {
    private SequenceErrors() {}

    private static Spec f(long... shape) {
        return Spec.of(DType.F32, Shape.of(shape));
    }

    private static Spec d(long... shape) {
        return Spec.of(DType.F64, Shape.of(shape));
    }

    private static Spec i(long... shape) {
        return Spec.of(DType.I32, Shape.of(shape));
    }

    private static List<Spec> in(Spec... specs) {
        return List.of(specs);
    }

    private static ShapeErrorTest.Bad bad(Op op, List<Spec> inputs, String... parts) {
        return new ShapeErrorTest.Bad(op, inputs, List.of(parts));
    }

    static void add(List<ShapeErrorTest.Bad> all) {
        recurrence(all);
    }

    private static void recurrence(List<ShapeErrorTest.Bad> all) {
        Recurrence lstm = new Recurrence(Recurrence.Kind.LSTM, false, true, true, true);
        Spec gx = f(4, 2, 12);
        Spec w = f(12, 3);
        Spec b = f(12);
        Spec s = f(2, 3);
        all.add(bad(lstm, in(gx, w, b, s, s), "lstm(f32[4, 2, 12], f32[12, 3]", "takes 6 inputs, not 5"));
        all.add(bad(lstm, in(f(4, 12), w, b, s, s, i(2)), "[T, N, 4 H]", "[4, 12]"));
        all.add(bad(lstm, in(gx, f(12), b, s, s, i(2)), "[4 H, H]"));
        all.add(bad(lstm, in(gx, f(12, 4), b, s, s, i(2)), "with 4 gates of H = 4", "[16, 4]", "[T, N, 16]"));
        all.add(bad(lstm, in(f(4, 2, 9), w, b, s, s, i(2)), "[T, N, 12]"));
        all.add(bad(lstm, in(gx, w, f(3), s, s, i(2)), "the bias", "[12]"));
        all.add(bad(lstm, in(gx, w, b, f(3, 3), s, i(2)), "h0", "[2, 3]"));
        all.add(bad(lstm, in(gx, w, b, s, f(2, 4), i(2)), "c0", "[2, 3]"));
        all.add(bad(lstm, in(gx, w, b, s, s, i(3)), "the lengths", "[2]"));
        all.add(bad(lstm, in(gx, w, b, s, s, f(2)), "the lengths", "I32"));
        all.add(bad(lstm, in(gx, w, b, d(2, 3), s, i(2)), "of one type"));
        all.add(bad(new Recurrence(Recurrence.Kind.RNN_TANH, true, false, false, false), in(f(4, 2, 3), f(4, 3)), "rnn_tanh", "[3, 3]"));
        RecurrenceGradient g = new RecurrenceGradient(lstm, true, true, false, true);
        Spec y = f(4, 2, 3);
        all.add(bad(g, in(w, y, gx, y, s, s, i(2), y), "lstm_gradient", "takes 9 inputs, not 8"));
        all.add(bad(g, in(w, y, y, y, s, s, i(2), y, s), "the gates", "[4, 2, 12]"));
        all.add(bad(g, in(w, y, gx, gx, s, s, i(2), y, s), "kept for the gradient", "[4, 2, 3]"));
        all.add(bad(g, in(w, y, gx, y, s, s, i(2), s, s), "dy", "[4, 2, 3]"));
        all.add(bad(g, in(w, y, gx, y, s, s, i(2), y, y), "the gradient of the last state", "[2, 3]"));
        all.add(bad(g, in(f(12, 4), y, gx, y, s, s, i(2), y, s), "the weight", "[12, 3]"));
    }
}
