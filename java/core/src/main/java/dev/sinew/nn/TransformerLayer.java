package dev.sinew.nn;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Attention;
import dev.sinew.functional.MultiHead;
import dev.sinew.functional.TransformerEncoder;
import java.util.List;

/**
 * One layer of a transformer's encoder over the steps of a sample [T, E]; see {@link TransformerEncoder} for the equations and
 * the parameters, which have PyTorch's names and beginnings.
 *
 * @param heads divides E
 * @param hidden size between the two linear maps
 * @param causal whether a step sees those up to itself only
 * @param gelu whether the function between the linear maps is GELU instead of ReLU
 * @param normFirst whether the normalisation stands before each part instead of behind each sum
 * @param dropout everywhere, in training
 */
public record TransformerLayer(int heads, long hidden, boolean causal, boolean gelu, boolean normFirst, double dropout) implements Layer {
    /** Checks the numbers. */
    public TransformerLayer {
        Layers.positive("transformer: heads", heads);
        new TransformerEncoder(new MultiHead(heads, heads, true, dropout, 0), hidden, gelu, normFirst, dropout, 1e-5);
    }

    /** ReLU, normalisation behind the sums, dropout 0.1, as PyTorch; every step sees all. */
    public static TransformerLayer of(int heads, long hidden) {
        return new TransformerLayer(heads, hidden, false, false, false, 0.1);
    }

    /** With steps that see those up to themselves only. */
    public TransformerLayer seeingThePast() {
        return new TransformerLayer(heads, hidden, true, gelu, normFirst, dropout);
    }

    /** With the normalisation before each part. */
    public TransformerLayer normFirst(boolean first) {
        return new TransformerLayer(heads, hidden, causal, gelu, first, dropout);
    }

    /** With another dropout. */
    public TransformerLayer dropout(double p) {
        return new TransformerLayer(heads, hidden, causal, gelu, normFirst, p);
    }

    @Override
    public String kind() {
        return "transformer";
    }

    private TransformerEncoder op(long width, long seed) {
        return new TransformerEncoder(new MultiHead(width, heads, true, dropout, seed), hidden, gelu, normFirst, dropout, 1e-5);
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 2) {
            throw Layers.rank("transformer", input, 2, "[steps, features]");
        }
        op(input.dim(1), 0);
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        long width = input.dim(1);
        return op(width, 0).parameters().entrySet().stream().map(p -> ParameterSpec.of(p.getKey(), p.getValue(), switch (p.getKey()) {
            case "self_attn.in_proj_weight" -> new Initializer.XavierUniform(1);
            case "linear1.weight", "linear1.bias", "self_attn.out_proj.weight" -> new Initializer.FanUniform(width);
            case "linear2.weight", "linear2.bias" -> new Initializer.FanUniform(hidden);
            case "norm1.weight", "norm2.weight" -> new Initializer.Constant(1);
            default -> new Initializer.Constant(0);
        })).toList();
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        long steps = x.shape().dim(1);
        Tensor mask = !causal ? null
                // a graph that captures it may outlive the scope
                : x.isSymbolic() ? Scope.outside(() -> Attention.causal(steps, steps, x.dtype()))
                : Attention.causal(steps, steps, x.dtype());
        boolean dropping = context.training() && dropout > 0;
        TransformerEncoder op = op(x.shape().dim(2), dropping ? context.seed() : 0);
        return op.apply(context::parameter, x, mask, dropping ? context.step() : null);
    }

    @Override
    public String sizeFormula(Shape input) {
        return heads + " heads of " + input.dim(1) + "/" + heads + " = " + input.dim(1) / heads;
    }

    @Override
    public String parameterFormula(Shape input) {
        long e = input.dim(1);
        return "4*(" + e + " + 1)*" + e + " + (" + e + " + 1)*" + hidden + " + (" + hidden + " + 1)*" + e + " + 4*" + e;
    }
}
