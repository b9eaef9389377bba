package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = body(x) + shortcut(x) (He et al. 2015).
 *
 * @param body layers of the residual branch
 * @param shortcut layers of the bypass; empty: the identity
 */
public record Residual(List<Layer> body, List<Layer> shortcut) implements Layer {
    /** Copies the lists. */
    public Residual {
        body = List.copyOf(body);
        shortcut = List.copyOf(shortcut);
    }

    @Override
    public String kind() {
        return "residual";
    }

    @Override
    public Shape output(Shape input) {
        Shape a = Layers.output(input, body);
        Shape b = Layers.output(input, shortcut);
        if (!a.equals(b)) {
            throw new IllegalArgumentException("residual: the body gives " + a + " and the shortcut " + b + " for an input of "
                    + input + "; they must be equal");
        }
        return a;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        List<ParameterSpec> all = new ArrayList<>();
        add(all, "body", Layers.parameters(Layers.place(input, body)));
        add(all, "shortcut", Layers.parameters(Layers.place(input, shortcut)));
        return all;
    }

    private static void add(List<ParameterSpec> all, String branch, List<ParameterSpec> parameters) {
        for (ParameterSpec p : parameters) {
            all.add(new ParameterSpec(branch + "." + p.name(), p.shape(), p.initializer(), p.trainable()));
        }
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Shape sample = x.shape().withoutFirst();
        Tensor a = Layers.apply(Layers.place(sample, body), context.inner("body"), x);
        Tensor b = Layers.apply(Layers.place(sample, shortcut), context.inner("shortcut"), x);
        return a.add(b);
    }

    @Override
    public String parameterFormula(Shape input) {
        List<String> terms = new ArrayList<>();
        for (List<Layer> branch : List.of(body, shortcut)) {
            for (Layers.Placed placed : Layers.place(input, branch)) {
                String formula = placed.layer().parameterFormula(placed.input());
                if (!formula.isEmpty()) {
                    terms.add(formula);
                }
            }
        }
        return String.join(" + ", terms);
    }
}
