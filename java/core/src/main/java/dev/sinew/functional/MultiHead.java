package dev.sinew.functional;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2.2) with PyTorch's parameters: queries, keys and values are
 * projected, attended to in {@code heads} parts of E / heads columns, and the results projected together. Parameters:
 * {@code in_proj_weight} [3 E, E] for queries, keys, values one below the other (or {@code q_proj_weight} [E, E],
 * {@code k_proj_weight} [E, K], {@code v_proj_weight} [E, V] where keys or values have other widths), {@code in_proj_bias}
 * [3 E], {@code out_proj.weight} [E, E], {@code out_proj.bias} [E].
 *
 * @param width E, divided by heads
 * @param heads at least 1
 * @param bias whether the biases are there
 * @param dropout of the attention's weights in training, 0 to 1
 * @param seed of the dropout
 */
public record MultiHead(long width, int heads, boolean bias, double dropout, long seed) {
    /** Checks the numbers. */
    public MultiHead {
        if (width < 1 || heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException("multi_head: " + heads + " heads must divide the width " + width);
        }
        if (!(dropout >= 0 && dropout <= 1)) {
            throw new IllegalArgumentException("multi_head: dropout must be from 0 to 1, not " + dropout);
        }
    }

    /** With biases, without dropout. */
    public static MultiHead of(long width, int heads) {
        return new MultiHead(width, heads, true, 0, 0);
    }

    /** Names and shapes of the parameters for keys and values of the same width, in PyTorch's order. */
    public Map<String, Shape> parameters() {
        Map<String, Shape> all = new LinkedHashMap<>();
        all.put("in_proj_weight", Shape.of(3 * width, width));
        if (bias) {
            all.put("in_proj_bias", Shape.of(3 * width));
        }
        all.put("out_proj.weight", Shape.of(width, width));
        if (bias) {
            all.put("out_proj.bias", Shape.of(width));
        }
        return all;
    }

    /**
     * Applies it.
     *
     * @param parameters gives a parameter by its name, null where there is none, such as {@code Map::get}
     * @param query [N, L, E]
     * @param key [N, S, E], or another width with parameters of its own
     * @param value [N, S, E], likewise
     * @param mask added to the scores [N, heads, L, S], broadcasting; null: none; see {@link Attention}
     * @param step the number of the training step, for dropout; null in inference
     * @return y [N, L, E], and the weights [N, heads, L, S]; PyTorch's are their mean over the heads
     */
    public Attention.Result apply(Function<String, Tensor> parameters, Tensor query, Tensor key, Tensor value, Tensor mask, Tensor step) {
        for (Tensor x : new Tensor[] {query, key, value}) {
            if (x.shape().rank() != 3 || x.shape().dim(0) != query.shape().dim(0)) {
                throw new IllegalArgumentException("multi_head: query, key and value must have shapes [N, L, E], [N, S, E], [N, S, E], not "
                        + query.shape() + ", " + key.shape() + ", " + value.shape());
            }
        }
        Tensor[] parts = projected(parameters, query, key, value);
        Attention.Result r = Attention.scaledDotProduct(parts[0], parts[1], parts[2], mask, dropout, seed, step);
        long n = query.shape().dim(0);
        long length = query.shape().dim(1);
        Tensor together = r.y().permute(0, 2, 1, 3).reshape(n * length, width);
        Tensor y = linear(together, parameter(parameters, "out_proj.weight"), bias ? parameter(parameters, "out_proj.bias") : null);
        return new Attention.Result(y.reshape(n, length, width), r.weights());
    }

    /** Queries, keys and values, each [N, heads, length, E / heads]. */
    private Tensor[] projected(Function<String, Tensor> parameters, Tensor... inputs) {
        Tensor all = parameters.apply("in_proj_weight");
        Tensor biases = bias ? parameter(parameters, "in_proj_bias") : null;
        Tensor[] parts = new Tensor[3];
        if (all != null && inputs[0] == inputs[1] && inputs[1] == inputs[2]) {
            Tensor x = linear(rows(inputs[0]), all, biases);
            for (int i = 0; i < 3; i++) {
                parts[i] = split(x.slice(1, i * width, width), inputs[i]);
            }
            return parts;
        }
        String[] names = {"q_proj_weight", "k_proj_weight", "v_proj_weight"};
        for (int i = 0; i < 3; i++) {
            Tensor weight = all == null ? parameter(parameters, names[i]) : all.slice(0, i * width, width);
            parts[i] = split(linear(rows(inputs[i]), weight, bias ? biases.slice(0, i * width, width) : null), inputs[i]);
        }
        return parts;
    }

    private static Tensor rows(Tensor x) {
        return x.reshape(-1, x.shape().dim(2));
    }

    private static Tensor linear(Tensor x, Tensor weight, Tensor biasOrNull) {
        return Ops.apply(new Gemm(false, true), Ops.present(x, weight, biasOrNull));
    }

    private Tensor split(Tensor rows, Tensor like) {
        return rows.reshape(like.shape().dim(0), like.shape().dim(1), heads, width / heads).permute(0, 2, 1, 3);
    }

    private static Tensor parameter(Function<String, Tensor> parameters, String name) {
        Tensor tensor = parameters.apply(name);
        if (tensor == null) {
            throw new IllegalArgumentException("multi_head: the parameter " + name + " is missing");
        }
        return tensor;
    }
}
