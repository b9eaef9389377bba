package dev.sinew.golden;

import dev.sinew.golden.GoldenCase.Array;
import java.util.ArrayList;
import java.util.List;

/** Collects what differs by more than its bound, so that a failure shows all of a case at once. */
final class Compare {
    private final String what;
    private final List<String> errors = new ArrayList<>();

    Compare(String what) {
        this.what = what;
    }

    void check(String name, double[] actual, Array expected, double[] bounds) {
        double[] wanted = expected.values();
        if (actual == null || actual.length != wanted.length) {
            errors.add(name + (actual == null ? " was not computed" : " has " + actual.length + " elements instead of " + wanted.length));
            return;
        }
        int worst = -1;
        double worstRatio = 1;
        for (int i = 0; i < wanted.length; i++) {
            boolean same = actual[i] == wanted[i] || Double.isNaN(actual[i]) && Double.isNaN(wanted[i]);
            double ratio = same ? 0 : Math.abs(actual[i] - wanted[i]) / bounds[i];
            // also when the ratio is NaN
            if (!(ratio <= worstRatio)) {
                worst = i;
                worstRatio = Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
            }
        }
        if (worst >= 0) {
            errors.add(name + "[" + worst + "] = " + actual[worst] + " instead of " + wanted[worst] + ", off by " + worstRatio + " times the bound "
                    + bounds[worst]);
        }
    }

    void fail() {
        if (!errors.isEmpty()) {
            throw new AssertionError(what + ": " + String.join("; ", errors));
        }
    }
}
