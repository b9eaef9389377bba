package dev.sinew.graph;

/**
 * On whose behalf an operation was applied.
 *
 * @param layer the name of the layer
 * @param gradient whether it belongs to the layer's gradient, and not to its result
 */
public record Origin(String layer, boolean gradient) {
    private static final ScopedValue<Origin> CURRENT = ScopedValue.newInstance();

    /**
     * Runs something on behalf of a layer. Layers within layers: the innermost one counts.
     *
     * @hidden
     */
    public static <T> T of(String layer, ScopedValue.CallableOp<T, RuntimeException> action) {
        return ScopedValue.where(CURRENT, new Origin(layer, false)).call(action);
    }

    /** Runs the gradient rule of an operation that was applied on behalf of this; null: of nobody. */
    static void gradientOf(Origin origin, Runnable rule) {
        if (origin == null) {
            rule.run();
        } else {
            ScopedValue.where(CURRENT, new Origin(origin.layer, true)).run(rule);
        }
    }

    /** On whose behalf this thread works now; null: of nobody. */
    static Origin current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    @Override
    public String toString() {
        return gradient ? "the gradient of " + layer : layer;
    }
}
