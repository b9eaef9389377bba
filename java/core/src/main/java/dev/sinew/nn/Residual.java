package dev.sinew.nn;

import java.util.List;

/**
 * y = body(x) + shortcut(x) (He et al. 2015).
 *
 * @param body layers of the residual branch
 * @param shortcut layers of the bypass; empty: the identity
 */
public record Residual(List<Layer> body, List<Layer> shortcut) implements Block {
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
    public Value build(Value x) {
        Value a = x.block("body", v -> v.layers(body));
        Value b = x.block("shortcut", v -> v.layers(shortcut));
        if (!a.shape().equals(b.shape())) {
            throw new IllegalArgumentException("residual: the body gives " + a.shape() + " and the shortcut " + b.shape()
                    + " for an input of " + x.shape() + "; they must be equal");
        }
        return a.add(b);
    }
}
