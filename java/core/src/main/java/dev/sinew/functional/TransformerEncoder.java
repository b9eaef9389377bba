package dev.sinew.functional;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * One layer of a transformer's encoder (Vaswani et al. 2017, section 3.1) with PyTorch's parameters: self-attention and a
 * net of two linear maps, each added to what it was given. The normalisation is behind each sum, x = norm(x + f(x)), or, with
 * {@code normFirst}, before each part, x = x + f(norm(x)) (Xiong et al. 2020). Parameters: {@code self_attn.} and those of
 * {@link MultiHead}; {@code linear1.weight} [F, E], {@code linear1.bias}, {@code linear2.weight} [E, F], {@code linear2.bias};
 * {@code norm1.weight}, {@code norm1.bias}, {@code norm2.weight}, {@code norm2.bias} [E].
 *
 * @param attention E, heads, and the dropout of the attention's weights
 * @param hidden F, at least 1
 * @param gelu whether the function between the linear maps is GELU instead of ReLU
 * @param normFirst where the normalisation stands
 * @param dropout of each part's result and between the linear maps, in training
 * @param eps of the normalisation
 */
public record TransformerEncoder(MultiHead attention, long hidden, boolean gelu, boolean normFirst, double dropout, double eps) {
    /** Checks the numbers. */
    public TransformerEncoder {
        Objects.requireNonNull(attention, "attention");
        if (hidden < 1 || !(dropout >= 0 && dropout <= 1) || !(eps > 0)) {
            throw new IllegalArgumentException("transformer_encoder: hidden must be at least 1, dropout from 0 to 1, eps above 0, not " + hidden
                    + ", " + dropout + ", " + eps);
        }
    }

    /** ReLU, normalisation behind the sums, without dropout, eps 1e-5. */
    public static TransformerEncoder of(long width, int heads, long hidden) {
        return new TransformerEncoder(MultiHead.of(width, heads), hidden, false, false, 0, 1e-5);
    }

    /** Names and shapes of the parameters, in PyTorch's order. */
    public Map<String, Shape> parameters() {
        long width = attention.width();
        Map<String, Shape> all = new LinkedHashMap<>();
        attention.parameters().forEach((name, shape) -> all.put("self_attn." + name, shape));
        all.put("linear1.weight", Shape.of(hidden, width));
        all.put("linear1.bias", Shape.of(hidden));
        all.put("linear2.weight", Shape.of(width, hidden));
        all.put("linear2.bias", Shape.of(width));
        for (String norm : new String[] {"norm1", "norm2"}) {
            all.put(norm + ".weight", Shape.of(width));
            all.put(norm + ".bias", Shape.of(width));
        }
        return all;
    }

    /**
     * Applies it.
     *
     * @param parameters gives a parameter by its name, such as {@code Map::get}
     * @param x [N, L, E]
     * @param mask added to the scores [N, heads, L, L], broadcasting; null: none; see {@link Attention}
     * @param step the number of the training step, for dropout; null in inference
     */
    public Tensor apply(Function<String, Tensor> parameters, Tensor x, Tensor mask, Tensor step) {
        if (normFirst) {
            Tensor sum = x.add(attended(parameters, norm(parameters, "norm1", x), mask, step));
            return sum.add(mapped(parameters, norm(parameters, "norm2", sum), step));
        }
        Tensor first = norm(parameters, "norm1", x.add(attended(parameters, x, mask, step)));
        return norm(parameters, "norm2", first.add(mapped(parameters, first, step)));
    }

    private Tensor norm(Function<String, Tensor> parameters, String name, Tensor x) {
        return Normalization.layerNorm(x, 1, parameter(parameters, name + ".weight"), parameter(parameters, name + ".bias"), eps);
    }

    private Tensor attended(Function<String, Tensor> parameters, Tensor x, Tensor mask, Tensor step) {
        return dropped(attention.apply(name -> parameters.apply("self_attn." + name), x, x, x, mask, step).y(), "attention", step);
    }

    private Tensor mapped(Function<String, Tensor> parameters, Tensor x, Tensor step) {
        Tensor rows = x.reshape(-1, x.shape().dim(2));
        Tensor inner = linear(parameters, "linear1", rows);
        Tensor outer = linear(parameters, "linear2", dropped(gelu ? inner.gelu() : inner.relu(), "linear1", step));
        return dropped(outer.reshape(x.shape().dims()), "linear2", step);
    }

    private static Tensor linear(Function<String, Tensor> parameters, String name, Tensor x) {
        return Ops.apply(new Gemm(false, true), x, parameter(parameters, name + ".weight"), parameter(parameters, name + ".bias"));
    }

    private Tensor dropped(Tensor x, String where, Tensor step) {
        return dropout == 0 || step == null ? x : x.dropout(dropout, Seed.of(attention.seed()).derive(where).value(), step);
    }

    private static Tensor parameter(Function<String, Tensor> parameters, String name) {
        Tensor tensor = parameters.apply(name);
        if (tensor == null) {
            throw new IllegalArgumentException("transformer_encoder: the parameter " + name + " is missing");
        }
        return tensor;
    }
}
