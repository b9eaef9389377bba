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
        indices(all);
        others(all);
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

    private static void indices(List<ShapeErrorTest.Bad> all) {
        all.add(bad(new IndexSelect(0), in(f(3, 2)), "index_select(f32[3, 2])", "takes 2 inputs, not 1"));
        all.add(bad(new IndexSelect(0), in(f(3, 2), f(2)), "the index", "I32"));
        all.add(bad(new IndexSelect(2), in(f(3, 2), i(2)), "dimension 2 does not exist"));
        all.add(bad(new IndexSelect(0, 3), in(f(3, 2), i(2)), "without gradient, 3,", "size 3"));
        all.add(bad(new IndexSelect(0), in(f(2, 2, 2, 2, 2, 2, 2), i(2, 2, 2)), "rank 9"));
        all.add(bad(new IndexAdd(0, Shape.of(3, 2), -1), in(f(4, 3), i(4)), "index_add", "what is added", "[4, 2]"));
        all.add(bad(new IndexAdd(0, Shape.of(3, 2), -1), in(i(4, 2), i(4)), "floating-point"));
        all.add(bad(new Gather(0), in(f(3, 2), i(3)), "gather(f32[3, 2], i32[3])", "the sizes of [3, 2] but for dimension 0"));
        all.add(bad(new Gather(1), in(f(3, 2), i(2, 2)), "but for dimension 1"));
        all.add(bad(new Gather(-3), in(f(3, 2), i(3, 2)), "dimension -3 does not exist"));
        all.add(bad(new Gather(0), in(f(3, 2), f(3, 2)), "the index", "I32"));
        all.add(bad(new ScatterAdd(0, 4), in(f(3, 2), i(2, 2)), "scatter_add", "the index", "[3, 2]"));
        all.add(bad(new ScatterAdd(0, 1L << 40), in(f(3, 2), i(3, 2)), "2^40"));
    }

    private static void others(List<ShapeErrorTest.Bad> all) {
        all.add(bad(new MatMul(false, false), in(f(2, 3, 4)), "takes 2 inputs, not 1"));
        all.add(bad(new MatMul(false, false), in(f(2, 3, 4), f(4)), "rank 2 or higher"));
        all.add(bad(new MatMul(false, false), in(f(2, 3, 4), f(2, 3, 4)), "matmul(f32[2, 3, 4], f32[2, 3, 4])",
                "inner sizes 4 and 3 differ"));
        all.add(bad(new MatMul(true, true), in(f(2, 3, 4), f(2, 3, 4)), "inner sizes 3 and 4 differ", "a being transposed",
                "b being transposed"));
        all.add(bad(new MatMul(false, false), in(f(2, 3, 4), f(3, 4, 5)), "do not broadcast: sizes 2 and 3"));
        all.add(bad(new MatMul(false, false), in(f(2, 3, 4), d(2, 4, 5)), "of one type"));
        CtcLoss ctc = new CtcLoss(Reduction.NONE, 0, false);
        all.add(bad(ctc, in(f(5, 2, 4), i(2, 3), i(2)), "ctc_loss", "takes 4 inputs, not 3"));
        all.add(bad(ctc, in(f(5, 8), i(2, 3), i(2), i(2)), "[T, N, C]"));
        all.add(bad(ctc, in(f(5, 2, 4), i(6), i(2), i(2)), "[N, S]"));
        all.add(bad(ctc, in(f(5, 2, 4), i(3, 3), i(2), i(2)), "the labels", "[2, 3]"));
        all.add(bad(ctc, in(f(5, 2, 4), f(2, 3), i(2), i(2)), "the labels", "I32"));
        all.add(bad(ctc, in(f(5, 2, 4), i(2, 3), i(3), i(2)), "the numbers of steps", "[2]"));
        all.add(bad(ctc, in(f(5, 2, 4), i(2, 3), i(2), i(1)), "the numbers of labels", "[2]"));
        all.add(bad(new CtcLoss(Reduction.NONE, 4, false), in(f(5, 2, 4), i(2, 3), i(2), i(2)), "the blank 4", "4 classes"));
        all.add(bad(new CtcLossGradient(ctc), in(f(5, 2, 4), i(2, 3), i(2), i(2), f()), "ctc_loss_gradient", "dloss", "[2]"));
    }
}
