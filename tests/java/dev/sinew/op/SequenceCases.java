package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Attention;
import dev.sinew.functional.Einsum;
import dev.sinew.functional.Indexing;
import dev.sinew.functional.MultiHead;
import dev.sinew.functional.Recurrent;
import dev.sinew.functional.TransformerEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The operations on sequences for {@link OpCases}. */
final class SequenceCases {
    private SequenceCases() {}

    static void add(List<OpCase> all) {
        recurrence(all);
        recurrentNets(all);
        indices(all);
        products(all);
        attention(all);
        transformers(all);
        ctc(all);
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
            all.add(OpCase.named(kind + ", y alone", in -> new Tensor[] {visible(op, in)[0]}).normal(3, 2, rows).normal(rows, 2)
                    .normal(rows));
            all.add(OpCase.named(kind + ", the last state alone", in -> new Tensor[] {visible(op, in)[1]}).normal(3, 2, rows).normal(rows,
                    2).normal(rows));
            all.add(OpCase.named(kind + ", weights fixed", in -> visible(op, in)).normal(3, 2, rows).normal(rows, 2).fixed().normal(rows)
                    .fixed());
        }
    }

    private static void recurrentNets(List<OpCase> all) {
        for (Recurrent net : List.of(Recurrent.lstm().layers(2).bidirectional(), Recurrent.gru().layers(2).batchesFirst(), Recurrent.rnn()
                .layers(3).noBias(),
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

    private static void indices(List<OpCase> all) {
        for (int dim : new int[] {-3, -2, -1, 0, 1, 2}) {
            long size = new long[] {4, 3, 5}[Math.floorMod(dim, 3)];
            all.add(OpCase.of(new IndexSelect(dim)).normal(4, 3, 5).labels((int) size, 7).twice());
            all.add(OpCase.named("index_select by a matrix of indices, dimension " + dim, in -> new Tensor[] {
                Indexing.indexSelect(in[0], dim, in[1].reshape(2, 3))}).normal(4, 3, 5).labels((int) size, 6).twice());
            Shape shape = Shape.of(4, 3, 5);
            all.add(OpCase.of(new IndexAdd(dim, shape, -1)).normal(shape.with(dim, 7).dims()).labels((int) size, 7).twice());
            Shape chosen = shape.with(dim, 2);
            all.add(OpCase.named("gather along " + dim, in -> new Tensor[] {
                Indexing.gather(in[0], dim, in[1].reshape(chosen.dims()))}).normal(4, 3, 5).labels((int) size, chosen.count())
                        .twice());
            all.add(OpCase.named("scatter_add along " + dim, in -> new Tensor[] {
                Indexing.scatterAdd(in[0], dim, in[1].reshape(chosen.dims()), in[2])})
                    .normal(4, 3, 5).labels((int) size, chosen.count()).normal(chosen.dims()).twice());
        }
        all.add(OpCase.named("index_add", in -> new Tensor[] {Indexing.indexAdd(in[0], 1, in[1], in[2])}).normal(2, 4).labels(4, 6)
                .normal(2, 6).twice());
        all.add(OpCase.named("embedding", in -> new Tensor[] {Indexing.embedding(in[0], in[1])}).normal(9, 4).labels(9, 20).twice());
        all.add(OpCase.named("one_hot times a matrix", in -> new Tensor[] {Indexing.oneHot(in[1], 5, in[0].dtype()).matmul(in[0])})
                .normal(5, 3).labels(5, 8).twice());
    }

    private static void products(List<OpCase> all) {
        long[][][] batches = {{{2}, {2}}, {{}, {3}}, {{1}, {3}}, {{2, 1}, {1, 3}}, {{2, 3}, {3}}, {{2, 3}, {2, 3}}};
        for (int variant = 0; variant < 4; variant++) {
            boolean transA = (variant & 1) != 0;
            boolean transB = (variant & 2) != 0;
            for (long[][] pair : batches) {
                all.add(OpCase.of(new MatMul(transA, transB, variant == 3 ? -0.7 : 1)).normal(joined(pair[0], transA ? 4 : 3, transA ? 3
                        : 4))
                        .normal(joined(pair[1], transB ? 2 : 4, transB ? 4 : 2)).twice());
            }
        }
        long[][][] shapes = {{{4}, {4}}, {{3, 4}, {4}}, {{4}, {4, 3}}, {{2, 3, 4}, {4}}, {{4}, {2, 4, 3}}, {{2, 3, 4}, {4, 5}}, {{3, 4},
                {2, 4, 5}}};
        for (long[][] pair : shapes) {
            all.add(OpCase.named("matmul", in -> new Tensor[] {in[0].matmul(in[1])}).normal(pair[0]).normal(pair[1]).twice());
        }
        for (String equation : new String[] {"bij,bjk->bik", "bij,bjk->k", "bij,bjk"}) {
            all.add(OpCase.named("einsum " + equation, in -> new Tensor[] {Einsum.of(equation, in[0], in[1])}).normal(2, 3, 4)
                    .normal(2, 4, 2).twice());
        }
        all.add(OpCase.named("einsum of a diagonal", in -> new Tensor[] {Einsum.of("...ii->i...", in[0])}).normal(2, 3, 3));
        all.add(OpCase.named("einsum of three", in -> new Tensor[] {Einsum.of("ij,jk,...k->...i", in[0], in[1], in[2])}).normal(2, 3).normal(3, 4)
                .normal(1, 4));
    }

    private static long[] joined(long[] batch, long rows, long cols) {
        long[] shape = java.util.Arrays.copyOf(batch, batch.length + 2);
        shape[batch.length] = rows;
        shape[batch.length + 1] = cols;
        return shape;
    }

    private static void attention(List<OpCase> all) {
        all.add(OpCase.named("scaled dot product", in -> both(Attention.scaledDotProduct(in[0], in[1], in[2], null)))
                .normal(2, 3, 4).normal(2, 5, 4).normal(2, 5, 3).twice());
        all.add(OpCase.named("scaled dot product, causal and padded", in -> both(Attention.scaledDotProduct(in[0], in[1], in[2],
                Attention.causal(4, 4, in[0].dtype()).add(Attention.padding(in[3].cast(DType.F64).add(1).cast(DType.I32), 4,
                        in[0].dtype()), Broadcast.YES))))
                .normal(2, 2, 4, 3).normal(2, 2, 4, 3).normal(2, 2, 4, 3).labels(4, 2));
        all.add(OpCase.named("scaled dot product, dropout", in -> both(Attention.scaledDotProduct(in[0], in[1], in[2], null, 0.4, 7,
                in[3])))
                .normal(3, 4).normal(5, 4).normal(5, 2).step());
        all.add(OpCase.named("bahdanau", in -> both(Attention.bahdanau(in[0], in[1], in[2], in[3], in[4], null)))
                .normal(2, 3).normal(2, 5, 4).normal(6, 3).normal(6, 4).normal(6).twice());
        for (boolean self : new boolean[] {false, true}) {
            all.add(OpCase.named("multi-head, self " + self, in -> {
                Map<String, Tensor> parameters = Map.of("in_proj_weight", in[2], "in_proj_bias", in[3], "out_proj.weight", in[4],
                        "out_proj.bias", in[5]);
                return both(MultiHead.of(4, 2).apply(parameters::get, in[0], self ? in[0] : in[1], self ? in[0] : in[1], null, null));
            }).normal(2, 3, 4).normal(2, self ? 1 : 5, 4).fixed().normal(12, 4).normal(12).normal(4, 4).normal(4));
        }
    }

    private static void transformers(List<OpCase> all) {
        for (int variant = 0; variant < 4; variant++) {
            boolean dropping = variant == 3;
            TransformerEncoder op = new TransformerEncoder(new MultiHead(4, 2, true, dropping ? 0.3 : 0, 5), 5, variant > 0, variant % 2 == 1,
                    dropping ? 0.3 : 0, 1e-5);
            OpCase c = OpCase.named(op.toString(), in -> {
                Map<String, Tensor> parameters = new HashMap<>();
                int next = 2;
                for (String name : op.parameters().keySet()) {
                    parameters.put(name, in[next++]);
                }
                return new Tensor[] {op.apply(parameters::get, in[0], null, dropping ? in[1] : null)};
            }).normal(2, 3, 4).step();
            for (Shape shape : op.parameters().values()) {
                c = c.normal(shape.dims());
            }
            all.add(c);
        }
    }

    private static Tensor[] both(Attention.Result r) {
        return new Tensor[] {r.y(), r.weights()};
    }

    private static void ctc(List<OpCase> all) {
        for (Reduction reduction : Reduction.values()) {
            for (long[] s : new long[][] {{1, 1, 2, 1}, {5, 2, 3, 2}, {7, 3, 4, 3}}) {
                CtcLoss op = new CtcLoss(reduction, 0, true);
                all.add(OpCase.named(op.toString(), in -> new Tensor[] {Ops.apply(op, in[0].logSoftmax(), plusOne(in[1]).reshape(s[1],
                        s[3]), in[2], in[3])})
                        .normal(s[0], s[1], s[2]).labels((int) s[2] - 1, s[1] * s[3]).labels((int) s[0] + 1, s[1]).labels((int) s[3] + 1,
                                s[1]));
            }
        }
        CtcLoss plain = new CtcLoss(Reduction.SUM, 2, false);
        all.add(OpCase.named("ctc_loss of any numbers", in -> new Tensor[] {Ops.apply(plain, in[0], in[1].reshape(1, 2),
                Tensor.of(new int[] {5}, 1),
            Tensor.of(new int[] {2}, 1))}).normal(6, 1, 3).labels(2, 2));
    }

    private static Tensor plusOne(Tensor labels) {
        return labels.cast(DType.F64).add(1).cast(DType.I32);
    }
}
