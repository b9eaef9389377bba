package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** RNN, LSTM and GRU, in one direction or two, step by step. */
final class RecurrentOperators {
    private RecurrentOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("RNN", node -> run(node, 1));
        operators.put("LSTM", node -> run(node, 4));
        operators.put("GRU", node -> run(node, 3));
    }

    /** The weights of one direction; absent ones are null. */
    private record Cell(Tensor w, Tensor r, Tensor wBias, Tensor rBias, Tensor peepholes, List<UnaryOperator<Tensor>> functions, long hidden) {}

    private static List<Value> run(OnnxNode node, int gates) {
        Value x = node.in(0);
        boolean batchFirst = node.attr("layout", 0L) != 0;
        Tensor input = batchFirst ? node.x(0).permute(1, 0, 2) : node.x(0);
        long steps = input.shape().dim(0);
        long batch = input.shape().dim(1);
        long hidden = node.attr("hidden_size", node.in(2).dim(-1));
        String direction = node.attr("direction", "forward");
        int directions = direction.equals("bidirectional") ? 2 : 1;
        double[] lengths = node.has(4) ? node.known(4).toDoubles() : null;
        Tensor[] sequences = new Tensor[directions];
        Tensor[] last = new Tensor[directions];
        Tensor[] lastCell = new Tensor[directions];
        for (int d = 0; d < directions; d++) {
            boolean backward = direction.equals("reverse") || d == 1;
            Cell cell = cell(node, gates, d, hidden);
            Tensor h = initial(node, 5, d, batchFirst, batch, hidden, input);
            Tensor c = gates == 4 ? initial(node, 6, d, batchFirst, batch, hidden, input) : null;
            Tensor[] outputs = new Tensor[Math.toIntExact(steps)];
            for (int i = 0; i < steps; i++) {
                int t = (int) (backward ? steps - 1 - i : i);
                Tensor row = input.slice(0, t, 1).reshape(batch, -1);
                Tensor[] next = step(node, cell, gates, row, h, c);
                if (lengths != null) {
                    Tensor alive = alive(lengths, t, input);
                    next[1] = next[1] == null ? null : Compose.where(alive, next[1], c);
                    outputs[t] = Compose.where(alive, next[0], Compose.like(h, 0));
                    next[0] = Compose.where(alive, next[0], h);
                } else {
                    outputs[t] = next[0];
                }
                h = next[0];
                c = next[1];
                outputs[t] = outputs[t].reshape(1, 1, batch, hidden);
            }
            sequences[d] = steps == 1 ? outputs[0] : Tensor.concat(0, outputs);
            last[d] = h.reshape(1, batch, hidden);
            lastCell[d] = c == null ? null : c.reshape(1, batch, hidden);
        }
        Tensor y = join(1, sequences);
        List<Value> results = new ArrayList<>();
        results.add(Value.of(x.type(), batchFirst ? y.permute(2, 0, 1, 3) : y));
        results.add(Value.of(x.type(), batchFirst ? join(0, last).permute(1, 0, 2) : join(0, last)));
        if (gates == 4) {
            results.add(Value.of(x.type(), batchFirst ? join(0, lastCell).permute(1, 0, 2) : join(0, lastCell)));
        }
        return results;
    }

    private static Tensor join(int dim, Tensor... parts) {
        return parts.length == 1 ? parts[0] : Tensor.concat(dim, parts);
    }

    /** 1 for the sequences that are longer than t. */
    private static Tensor alive(double[] lengths, int t, Tensor like) {
        double[] mask = Arrays.stream(lengths).map(length -> t < length ? 1 : 0).toArray();
        return Tensor.of(mask, mask.length, 1).cast(like.dtype());
    }

    private static Tensor part(Tensor x, int d) {
        long[] dims = x.shape().dims();
        return x.slice(0, d, 1).reshape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    private static Cell cell(OnnxNode node, int gates, int d, long hidden) {
        Tensor bias = node.has(3) ? part(node.x(3), d) : null;
        Tensor peepholes = gates == 4 && node.has(7) ? part(node.x(7), d) : null;
        List<String> names = node.words("activations");
        int each = gates == 4 ? 3 : gates == 3 ? 2 : 1;
        List<String> normal = gates == 1 ? List.of("Tanh") : gates == 3 ? List.of("Sigmoid", "Tanh") : List.of("Sigmoid", "Tanh", "Tanh");
        double[] alphas = node.numbers("activation_alpha");
        double[] betas = node.numbers("activation_beta");
        List<UnaryOperator<Tensor>> functions = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            int at = d * each + i;
            functions.add(function(node, names == null ? normal.get(i) : names.get(at), at, alphas, betas));
        }
        return new Cell(part(node.x(1), d), part(node.x(2), d), bias == null ? null : bias.slice(0, 0, gates * hidden),
                bias == null ? null : bias.slice(0, gates * hidden, gates * hidden), peepholes, functions, hidden);
    }

    private static UnaryOperator<Tensor> function(OnnxNode node, String name, int i, double[] alphas, double[] betas) {
        boolean given = alphas != null && i < alphas.length;
        double beta = betas != null && i < betas.length ? betas[i] : 0.5;
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "sigmoid" -> Tensor::sigmoid;
            case "tanh" -> Tensor::tanh;
            case "relu" -> Tensor::relu;
            case "leakyrelu" -> x -> x.leakyRelu(given ? alphas[i] : 0.01);
            case "elu" -> x -> x.elu(given ? alphas[i] : 1);
            case "hardsigmoid" -> x -> ElementwiseOperators.hardSigmoid(x, given ? alphas[i] : 0.2, beta);
            case "affine" -> x -> x.mul(given ? alphas[i] : 1).add(beta);
            default -> throw node.unsupported("activation " + name);
        };
    }

    private static Tensor initial(OnnxNode node, int i, int d, boolean batchFirst, long batch, long hidden, Tensor like) {
        if (!node.has(i)) {
            return Tensor.full(like.dtype(), Shape.of(batch, hidden), 0);
        }
        return part(batchFirst ? node.x(i).permute(1, 0, 2) : node.x(i), d);
    }

    private static Tensor product(Tensor x, Tensor weight, Tensor bias) {
        return Ops.apply(new Gemm(false, true), Ops.present(x, weight, bias));
    }

    private static Tensor clipped(OnnxNode node, Tensor x) {
        double clip = node.attr("clip", 0.0);
        return clip > 0 ? Compose.min(Compose.max(x, -clip), clip) : x;
    }

    /** The next h and c (null where there is none). */
    private static Tensor[] step(OnnxNode node, Cell cell, int gates, Tensor x, Tensor h, Tensor c) {
        Tensor fromX = product(x, cell.w, cell.wBias);
        if (gates == 3) {
            return new Tensor[] {gru(node, cell, fromX, h), null};
        }
        Tensor sum = fromX.add(product(h, cell.r, cell.rBias));
        if (gates == 1) {
            return new Tensor[] {cell.functions.getFirst().apply(clipped(node, sum)), null};
        }
        UnaryOperator<Tensor> f = cell.functions.get(0);
        Tensor i = f.apply(clipped(node, peep(cell, 0, gate(cell, sum, 0), c)));
        Tensor forget = node.attr("input_forget", 0L) != 0 ? Compose.not(i) : f.apply(clipped(node, peep(cell, 2, gate(cell, sum, 2), c)));
        Tensor candidate = cell.functions.get(1).apply(clipped(node, gate(cell, sum, 3)));
        Tensor next = forget.mul(c).add(i.mul(candidate));
        Tensor o = f.apply(clipped(node, peep(cell, 1, gate(cell, sum, 1), next)));
        return new Tensor[] {o.mul(cell.functions.get(2).apply(next)), next};
    }

    private static Tensor gate(Cell cell, Tensor sums, int k) {
        return sums.slice(1, k * cell.hidden, cell.hidden);
    }

    private static Tensor peep(Cell cell, int k, Tensor gate, Tensor c) {
        return cell.peepholes == null ? gate
                : gate.add(c.mul(cell.peepholes.slice(0, k * cell.hidden, cell.hidden), Broadcast.YES));
    }

    /** Order z, r, h. */
    private static Tensor gru(OnnxNode node, Cell cell, Tensor fromX, Tensor h) {
        boolean after = node.attr("linear_before_reset", 0L) != 0;
        Tensor fromH = product(h, cell.r, cell.rBias);
        Tensor z = cell.functions.get(0).apply(clipped(node, gate(cell, fromX, 0).add(gate(cell, fromH, 0))));
        Tensor r = cell.functions.get(0).apply(clipped(node, gate(cell, fromX, 1).add(gate(cell, fromH, 1))));
        Tensor part;
        if (after) {
            part = r.mul(gate(cell, fromH, 2));
        } else {
            Tensor bias = cell.rBias == null ? null : cell.rBias.slice(0, 2 * cell.hidden, cell.hidden);
            part = product(r.mul(h), cell.r.slice(0, 2 * cell.hidden, cell.hidden), bias);
        }
        Tensor candidate = cell.functions.get(1).apply(clipped(node, gate(cell, fromX, 2).add(part)));
        return Compose.not(z).mul(candidate).add(z.mul(h));
    }
}
