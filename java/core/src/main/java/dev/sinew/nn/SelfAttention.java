package dev.sinew.nn;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Attention;
import dev.sinew.functional.MultiHead;
import java.util.List;

/**
 * Multi-head self-attention over the steps of a sample [T, E]; the parameters are those of PyTorch's MultiheadAttention, see
 * {@link MultiHead}, and begin as there: in_proj_weight Xavier uniform, out_proj.weight uniform in +-1/sqrt(E), biases 0.
 *
 * @param heads divides E
 * @param causal whether a step sees those up to itself only
 * @param bias whether there are biases
 * @param dropout of the attention's weights in training
 */
public record SelfAttention(int heads, boolean causal, boolean bias, double dropout) implements Layer {
    /** Checks the numbers. */
    public SelfAttention {
        Layers.positive("attention: heads", heads);
        new MultiHead(heads, heads, bias, dropout, 0);
    }

    /** With biases; every step sees all. */
    public static SelfAttention of(int heads) {
        return new SelfAttention(heads, false, true, 0);
    }

    /** With steps that see those up to themselves only. */
    public SelfAttention seeingThePast() {
        return new SelfAttention(heads, true, bias, dropout);
    }

    /** With dropout of the weights. */
    public SelfAttention dropout(double p) {
        return new SelfAttention(heads, causal, bias, p);
    }

    @Override
    public String kind() {
        return "attention";
    }

    private MultiHead op(long width, long seed) {
        return new MultiHead(width, heads, bias, dropout, seed);
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 2) {
            throw Layers.rank("attention", input, 2, "[steps, features]");
        }
        op(input.dim(1), 0);
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        long width = input.dim(1);
        return op(width, 0).parameters().entrySet().stream().map(p -> ParameterSpec.of(p.getKey(), p.getValue(), switch (p.getKey()) {
            case "in_proj_weight" -> new Initializer.XavierUniform(1);
            case "out_proj.weight" -> new Initializer.FanUniform(width);
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
        MultiHead op = op(x.shape().dim(2), dropping ? context.seed() : 0);
        return op.apply(context::parameter, x, x, x, mask, dropping ? context.step() : null).y();
    }

    @Override
    public String sizeFormula(Shape input) {
        return heads + " heads of " + input.dim(1) + "/" + heads + " = " + input.dim(1) / heads;
    }

    @Override
    public String parameterFormula(Shape input) {
        long e = input.dim(1);
        return bias ? "4 * (" + e + " + 1) * " + e : "4 * " + e + " * " + e;
    }
}
