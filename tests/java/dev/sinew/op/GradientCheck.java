package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Compares gradients in float64 with central differences (eps 1e-6, as PyTorch's gradcheck: atol 1e-5, rtol 1e-3). */
public final class GradientCheck {
    private static final double EPS = 1e-6;
    private static final double ATOL = 1e-5;
    private static final double RTOL = 1e-3;
    private static final int MOST_ELEMENTS = 80;

    private GradientCheck() {}

    /** Throws AssertionError, pointing at the worst element, unless the gradients of {@link OpCase#loss} are right. */
    public static void check(OpCase.Body body, Tensor[] in, boolean[] differentiable) {
        double[][] analytic = new double[in.length][];
        try (Scope scope = Scope.open()) {
            Tensor[] found = OpCase.gradients(body, in, differentiable);
            for (int i = 0, k = 0; i < in.length; i++) {
                analytic[i] = differentiable[i] ? found[k++].toDoubles() : null;
            }
        }
        String worst = null;
        double worstExcess = 0;
        for (int i = 0; i < in.length; i++) {
            if (!differentiable[i]) {
                continue;
            }
            for (int element : elements((int) in[i].shape().count())) {
                double numeric = (lossAt(body, in, i, element, EPS) - lossAt(body, in, i, element, -EPS)) / (2 * EPS);
                double excess = Math.abs(analytic[i][element] - numeric) - ATOL - RTOL * Math.abs(numeric);
                if (!(excess <= worstExcess)) {
                    worstExcess = Double.isNaN(excess) ? Double.MAX_VALUE : excess;
                    worst = "input " + i + " " + in[i].spec() + ", element " + index(element, in[i].shape().dims()) + ": the rule gives "
                            + analytic[i][element] + ", central differences " + numeric;
                }
            }
        }
        if (worst != null) {
            throw new AssertionError("wrong gradient of " + worst);
        }
    }

    /** The same for the gradients of the gradients. */
    public static void checkTwice(OpCase.Body body, Tensor[] in, boolean[] differentiable) {
        check(OpCase.gradient(body, differentiable), in, differentiable);
    }

    private static double lossAt(OpCase.Body body, Tensor[] in, int i, int element, double shift) {
        try (Scope scope = Scope.open()) {
            Tensor[] moved = in.clone();
            double[] values = in[i].toDoubles();
            values[element] += shift;
            moved[i] = Tensor.of(values, in[i].shape().dims());
            for (int k = 0; k < in.length; k++) {
                // operations that overwrite an input must not change what the next evaluation sees
                moved[k] = k == i || in[k].dtype() != DType.F64 ? moved[k] : in[k].copy();
            }
            return OpCase.loss(body.apply(moved)).item();
        }
    }

    private static int[] elements(int count) {
        int[] all = new SplittableRandom(count).ints(MOST_ELEMENTS, 0, count).distinct().toArray();
        return count > MOST_ELEMENTS ? all : java.util.stream.IntStream.range(0, count).toArray();
    }

    private static String index(int element, long[] dims) {
        long[] index = new long[dims.length];
        long rest = element;
        for (int d = dims.length - 1; d >= 0; d--) {
            index[d] = rest % dims[d];
            rest /= dims[d];
        }
        return Arrays.toString(index);
    }
}
