package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.RandomFill;
import java.util.Arrays;
import java.util.stream.IntStream;

/** First values that are more than one sweep of random numbers; computed in double, from the seed and the shape alone. */
final class InitialValues {
    private InitialValues() {}

    private static double[] random(RandomFill.Kind kind, int count, double a, double b, Seed seed, long step) {
        try (var _ = Scope.open()) {
            Spec spec = Spec.of(DType.F64, Shape.of(count));
            return Ops.apply(new RandomFill(kind, a, b, seed.value(), spec), Tensor.of(new long[] {step})).toDoubles();
        }
    }

    private static void write(Tensor parameter, double[] values) {
        try (var _ = Scope.open()) {
            Tensor made = Tensor.of(values, parameter.shape().dims());
            parameter.copyFrom(made.cast(parameter.dtype()));
        }
    }

    /**
     * By rejection: uniform numbers within 8 deviations of the likeliest value are kept with a probability in proportion to the
     * density.
     */
    static void truncatedNormal(Tensor parameter, Initializer.TruncatedNormal t, Seed seed) {
        int count = Math.toIntExact(parameter.shape().count());
        double[] values = new double[count];
        double sd = t.standardDeviation();
        double mode = Math.clamp(t.mean(), t.low(), t.high());
        double low = Math.max(t.low(), mode - 8 * sd);
        double high = Math.min(t.high(), mode + 8 * sd);
        int drawn = Math.max(count, 64);
        int found = 0;
        for (long step = 0; found < count; step += 2) {
            double[] x = random(RandomFill.Kind.UNIFORM, drawn, low, high, seed, step);
            double[] u = random(RandomFill.Kind.UNIFORM, drawn, 0, 1, seed, step + 1);
            for (int i = 0; i < drawn && found < count; i++) {
                double excess = (Math.pow(x[i] - t.mean(), 2) - Math.pow(mode - t.mean(), 2)) / (2 * sd * sd);
                if (u[i] < Math.exp(-excess)) {
                    values[found++] = x[i];
                }
            }
        }
        write(parameter, values);
    }

    /** Normal vectors made orthogonal by the modified Gram-Schmidt method, twice each, so that rounding does not matter. */
    static void orthogonal(Tensor parameter, double gain, Seed seed) {
        int rows = Math.toIntExact(parameter.shape().dim(0));
        int cols = Math.toIntExact(parameter.shape().count() / rows);
        int vectors = Math.min(rows, cols);
        int length = Math.max(rows, cols);
        double[] numbers = random(RandomFill.Kind.NORMAL, Math.multiplyExact(vectors, length), 0, 1, seed, 0);
        double[][] q = IntStream.range(0, vectors).mapToObj(i -> Arrays.copyOfRange(numbers, i * length, (i + 1) * length)).toArray(double[][]::new);
        for (int i = 0; i < vectors; i++) {
            for (int k = 0; k < 2 * i; k++) {
                subtract(q[i], q[k % i], dot(q[i], q[k % i]));
            }
            double scale = 1 / Math.sqrt(dot(q[i], q[i]));
            for (int j = 0; j < length; j++) {
                q[i][j] *= scale;
            }
        }
        double[] values = new double[rows * cols];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                values[r * cols + c] = gain * (rows <= cols ? q[r][c] : q[c][r]);
            }
        }
        write(parameter, values);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void subtract(double[] a, double[] b, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] -= factor * b[i];
        }
    }

    /** In each column the rows with the smallest of random keys become 0. */
    static void sparse(Tensor parameter, Initializer.Sparse s, Seed seed) {
        int rows = Math.toIntExact(parameter.shape().dim(0));
        int cols = Math.toIntExact(parameter.shape().count() / rows);
        double[] values = random(RandomFill.Kind.NORMAL, Math.multiplyExact(rows, cols), 0, s.standardDeviation(), seed, 0);
        double[] keys = random(RandomFill.Kind.UNIFORM, rows * cols, 0, 1, seed, 1);
        int zeros = (int) Math.ceil(s.sparsity() * rows);
        for (int c = 0; c < cols; c++) {
            int column = c;
            IntStream.range(0, rows).boxed().sorted(java.util.Comparator.comparingDouble(r -> keys[r * cols + column])).limit(zeros)
                    .forEach(r -> values[r * cols + column] = 0);
        }
        write(parameter, values);
    }

    /** Ones where row and column (of a kernel: at its centre) are equal. */
    static void identity(Tensor parameter) {
        long[] dims = parameter.shape().dims();
        int inside = Math.toIntExact(parameter.shape().count() / dims[0] / dims[1]);
        int centre = 0;
        for (int d = 2; d < dims.length; d++) {
            centre = Math.toIntExact(centre * dims[d] + dims[d] / 2);
        }
        double[] values = new double[Math.toIntExact(parameter.shape().count())];
        for (int i = 0; i < Math.min(dims[0], dims[1]); i++) {
            values[Math.toIntExact((i * dims[1] + i) * inside) + centre] = 1;
        }
        write(parameter, values);
    }

    /** Throws unless the parameter has at least two dimensions. */
    static void matrix(String what, Shape shape) {
        if (shape.rank() < 2) {
            throw new IllegalArgumentException(what + " initialiser: needs at least two dimensions, not " + shape);
        }
    }
}
