package dev.sinew;

/** Comparison of tensors, element by element, with a message that points at the worst one. */
public final class Close {
    private Close() {}

    /** Equal specification but for the layout, and equal bits (every NaN being as good as another). */
    public static void same(String what, Tensor actual, Tensor expected) {
        within(what, actual, expected, 0, 0);
    }

    /** As {@link #same}, but for differences up to {@code atol + rtol |expected|}. */
    public static void within(String what, Tensor actual, Tensor expected, double rtol, double atol) {
        if (actual.dtype() != expected.dtype() || !actual.shape().equals(expected.shape())) {
            throw new AssertionError(what + " is " + actual.spec() + " instead of " + expected.spec());
        }
        double[] a = actual.toDoubles();
        double[] e = expected.toDoubles();
        int worst = -1;
        double worstExcess = 0;
        for (int i = 0; i < a.length; i++) {
            if (a[i] == e[i] || Double.isNaN(a[i]) && Double.isNaN(e[i])) {
                continue;
            }
            double excess = Math.abs(a[i] - e[i]) - atol - rtol * Math.abs(e[i]);
            if (!(excess <= worstExcess)) {
                worst = i;
                worstExcess = Double.isNaN(excess) ? Double.MAX_VALUE : excess;
            }
        }
        if (worst >= 0) {
            throw new AssertionError(what + " " + actual.spec() + ": element " + worst + " of " + a.length + " is " + a[worst]
                    + " instead of " + e[worst] + " (rtol " + rtol + ", atol " + atol + ")");
        }
    }
}
