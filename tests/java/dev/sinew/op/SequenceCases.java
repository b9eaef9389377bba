package dev.sinew.op;

import dev.sinew.Tensor;
import dev.sinew.functional.Recurrent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The operations on sequences for {@link OpCases}. */
final class SequenceCases {
    private SequenceCases() {}

    static void add(List<OpCase> all) {
        recurrence(all);
        recurrentNets(all);
    }

    /** y and the final state. */
    private static Tensor[] visible(Recurrence op, Tensor... in) {
        Tensor[] out = Ops.applyAll(op, in);
        Tensor y = out[op.yOutput()];
        Tensor h = out[op.stateOutput()];
        return op.kind() == Recurrence.Kind.LSTM ? new Tensor[] {y, h, out[op.stateOutput() + 1]} : new Tensor[] {y, h};
    }

    private static void recurrence(List<OpCase> all) {
        long[][] sizes = {{1, 1, 1}, {1, 3, 2}, {4, 2, 3}, {3, 3, 5}};
        for (Recurrence.Kind kind : Recurrence.Kind.values()) {
            for (int options = 0; options < 16; options++) {
                Recurrence op = new Recurrence(kind, (options & 1) != 0, (options & 2) != 0, (options & 4) != 0, (options & 8) != 0);
                for (long[] s : sizes) {
                    long rows = kind.gates() * s[2];
                    OpCase c = OpCase.named(op.toString(), in -> visible(op, in)).normal(s[0], s[1], rows).normal(rows, s[2]);
                    c = op.bias() ? c.normal(rows) : c;
                    c = op.initial() ? c.normal(s[1], s[2]) : c;
                    c = op.initial() && kind == Recurrence.Kind.LSTM ? c.normal(s[1], s[2]) : c;
                    all.add(op.lengths() ? c.labels((int) s[0] + 1, s[1]) : c);
                }
            }
            Recurrence op = new Recurrence(kind, false, true, false, false);
            long rows = kind.gates() * 2;
            all.add(OpCase.named(kind + ", y alone", in -> new Tensor[] {visible(op, in)[0]}).normal(3, 2, rows).normal(rows, 2).normal(rows));
            all.add(OpCase.named(kind + ", the last state alone", in -> new Tensor[] {visible(op, in)[1]}).normal(3, 2, rows).normal(rows, 2).normal(rows));
            all.add(OpCase.named(kind + ", weights fixed", in -> visible(op, in)).normal(3, 2, rows).normal(rows, 2).fixed().normal(rows).fixed());
        }
    }

    private static void recurrentNets(List<OpCase> all) {
        for (Recurrent net : List.of(Recurrent.lstm().layers(2).bidirectional(), Recurrent.gru().layers(2).batchesFirst(), Recurrent.rnn().layers(3).noBias(),
                Recurrent.gru().bidirectional(), Recurrent.lstm().batchesFirst().noBias(), Recurrent.lstm().layers(2).dropout(0.5, 3))) {
            boolean dropout = net.dropout() > 0;
            OpCase c = OpCase.named(net.toString(), in -> {
                Map<String, Tensor> parameters = new HashMap<>();
                int next = 3;
                for (String name : net.parameters(3, 2).keySet()) {
                    parameters.put(name, in[next++]);
                }
                Recurrent.Result r = net.apply(parameters::get, in[0], null, in[1], dropout ? in[2] : null);
                return Ops.present(r.y(), r.state().h(), r.state().c());
            }).normal(net.batchFirst() ? new long[] {2, 4, 3} : new long[] {4, 2, 3}).labels(5, 2).step();
            for (var shape : net.parameters(3, 2).values()) {
                c = c.normal(shape.dims());
            }
            all.add(c);
        }
    }
}
