package dev.sinew.nn;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.RandomFill;

/**
 * How a parameter's first values are made. Fans follow PyTorch: for a weight [out, in, kernel...] fan-in is in times the
 * kernel's size, fan-out is out times it.
 */
public sealed interface Initializer {
    /** Every value the same. */
    record Constant(double value) implements Initializer {
        /** Checks the value. */
        public Constant {
            finite("constant", value);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            parameter.fill(value);
        }
    }

    /** Uniform in [low, high). */
    record Uniform(double low, double high) implements Initializer {
        /** Checks the bounds. */
        public Uniform {
            finite("uniform", low);
            finite("uniform", high);
            if (low > high) {
                throw new IllegalArgumentException("uniform: the lower bound " + low + " is above the upper " + high);
            }
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            uniform(parameter, seed, low, high);
        }
    }

    /** Normal. */
    record Normal(double mean, double standardDeviation) implements Initializer {
        /** Checks the parameters. */
        public Normal {
            finite("normal", mean);
            finite("normal", standardDeviation);
            if (standardDeviation < 0) {
                throw new IllegalArgumentException("normal: the standard deviation " + standardDeviation + " is negative");
            }
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            normal(parameter, seed, mean, standardDeviation);
        }
    }

    /** Uniform in +-gain sqrt(3 / fan), fan being fan-in (He et al. 2015). */
    record KaimingUniform(double gain) implements Initializer {
        /** Checks the gain. */
        public KaimingUniform {
            positive("Kaiming", gain);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            uniform(parameter, seed, gain * Math.sqrt(3 / fanIn(parameter.shape())));
        }
    }

    /** Normal with standard deviation gain / sqrt(fan-in) (He et al. 2015). */
    record KaimingNormal(double gain) implements Initializer {
        /** Checks the gain. */
        public KaimingNormal {
            positive("Kaiming", gain);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            normal(parameter, seed, 0, gain / Math.sqrt(fanIn(parameter.shape())));
        }
    }

    /** Uniform in +-gain sqrt(6 / (fan-in + fan-out)) (Glorot, Bengio 2010). */
    record XavierUniform(double gain) implements Initializer {
        /** Checks the gain. */
        public XavierUniform {
            positive("Xavier", gain);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            uniform(parameter, seed, gain * Math.sqrt(6 / (fanIn(parameter.shape()) + fanOut(parameter.shape()))));
        }
    }

    /** Normal with standard deviation gain sqrt(2 / (fan-in + fan-out)) (Glorot, Bengio 2010). */
    record XavierNormal(double gain) implements Initializer {
        /** Checks the gain. */
        public XavierNormal {
            positive("Xavier", gain);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            normal(parameter, seed, 0, gain * Math.sqrt(2 / (fanIn(parameter.shape()) + fanOut(parameter.shape()))));
        }
    }

    /** Uniform in +-1 / sqrt(fan): PyTorch's default for weights (fan 0: the weight's own fan-in) and biases. */
    record FanUniform(long fan) implements Initializer {
        /** Checks the fan. */
        public FanUniform {
            if (fan < 0) {
                throw new IllegalArgumentException("fan uniform: the fan " + fan + " is negative");
            }
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            uniform(parameter, seed, 1 / Math.sqrt(fan == 0 ? fanIn(parameter.shape()) : fan));
        }
    }

    /** What a variance is divided by. */
    enum Fan {
        /** The inputs of a unit. */
        IN,
        /** The units an input goes to. */
        OUT,
        /** The mean of both. */
        MEAN
    }

    /**
     * Mean 0 and standard deviation gain / sqrt(fan), normal or uniform: He et al.'s with the gain of the activation, Glorot's with
     * the mean of the fans, LeCun's with gain 1.
     */
    record Scaled(double gain, Fan fan, boolean normal) implements Initializer {
        /** Checks the gain. */
        public Scaled {
            positive("scaled", gain);
            java.util.Objects.requireNonNull(fan, "fan");
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            double in = fanIn(parameter.shape());
            double out = fanOut(parameter.shape());
            double deviation = gain / Math.sqrt(fan == Fan.IN ? in : fan == Fan.OUT ? out : (in + out) / 2);
            if (normal) {
                Initializer.normal(parameter, seed, 0, deviation);
            } else {
                uniform(parameter, seed, Math.sqrt(3) * deviation);
            }
        }
    }

    /** Normal, but within [low, high]. */
    record TruncatedNormal(double mean, double standardDeviation, double low, double high) implements Initializer {
        /** Checks the parameters. */
        public TruncatedNormal {
            finite("truncated normal", mean);
            positive("truncated normal", standardDeviation);
            finite("truncated normal", low);
            finite("truncated normal", high);
            if (low >= high) {
                throw new IllegalArgumentException("truncated normal: the lower bound " + low + " is not below the upper " + high);
            }
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            InitialValues.truncatedNormal(parameter, this, seed);
        }
    }

    /**
     * Rows, or columns where there are fewer, that are orthogonal and of length gain (Saxe et al. 2014); dimensions after the first
     * count as columns. Takes time in proportion to rows times columns times the smaller of both.
     */
    record Orthogonal(double gain) implements Initializer {
        /** Checks the gain. */
        public Orthogonal {
            positive("orthogonal", gain);
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            InitialValues.matrix("orthogonal", parameter.shape());
            InitialValues.orthogonal(parameter, gain, seed);
        }
    }

    /** Normal, with a share of each column, at random places and rounded up, 0 (Martens 2010). */
    record Sparse(double sparsity, double standardDeviation) implements Initializer {
        /** Checks the share and the deviation. */
        public Sparse {
            positive("sparse", standardDeviation);
            if (!(sparsity >= 0 && sparsity <= 1)) {
                throw new IllegalArgumentException("sparse initialiser: the share of zeros must be from 0 to 1, not " + sparsity);
            }
        }

        @Override
        public void fill(Tensor parameter, Seed seed) {
            InitialValues.matrix("sparse", parameter.shape());
            InitialValues.sparse(parameter, this, seed);
        }
    }

    /** The identity: 1 from input i to output i, of a convolution at the kernel's centre (Dirac's delta); else 0. */
    record Identity() implements Initializer {
        @Override
        public void fill(Tensor parameter, Seed seed) {
            InitialValues.matrix("identity", parameter.shape());
            InitialValues.identity(parameter);
        }
    }

    /** Zeros. */
    static Initializer zeros() {
        return new Constant(0);
    }

    /** Normal with variance 1 / fan-in (LeCun et al. 1998), as SELU wants. */
    static Initializer lecunNormal() {
        return new Scaled(1, Fan.IN, true);
    }

    /** Uniform with variance 1 / fan-in (LeCun et al. 1998). */
    static Initializer lecunUniform() {
        return new Scaled(1, Fan.IN, false);
    }

    /**
     * The gain that PyTorch recommends for the layer before an activation: tanh 5/3, ReLU sqrt 2, leaky ReLU sqrt(2 / (1 + slope^2)),
     * every other 1.
     */
    static double gain(dev.sinew.op.Unary activation) {
        return switch (activation.kind()) {
            case TANH -> 5.0 / 3;
            case RELU -> reluGain();
            case LEAKY_RELU -> Math.sqrt(2 / (1 + activation.alpha() * activation.alpha()));
            default -> 1;
        };
    }

    /** PyTorch's default for the weights of dense and convolutional layers: Kaiming uniform with a = sqrt 5. */
    static Initializer standard() {
        return new FanUniform(0);
    }

    /** The gain that keeps variances under ReLU: sqrt 2. */
    static double reluGain() {
        return Math.sqrt(2);
    }

    /** Writes first values into a parameter. The numbers depend on the seed and the shape alone. */
    void fill(Tensor parameter, Seed seed);

    private static double fanIn(Shape shape) {
        return shape.rank() == 0 ? 1 : shape.rank() == 1 ? shape.dim(0) : (double) shape.count() / shape.dim(0);
    }

    private static double fanOut(Shape shape) {
        return shape.rank() < 2 ? fanIn(shape) : fanIn(shape) / shape.dim(1) * shape.dim(0);
    }

    private static void uniform(Tensor parameter, Seed seed, double bound) {
        uniform(parameter, seed, -bound, bound);
    }

    private static void uniform(Tensor parameter, Seed seed, double low, double high) {
        random(parameter, RandomFill.Kind.UNIFORM, low, high, seed);
    }

    private static void normal(Tensor parameter, Seed seed, double mean, double standardDeviation) {
        random(parameter, RandomFill.Kind.NORMAL, mean, standardDeviation, seed);
    }

    private static void random(Tensor parameter, RandomFill.Kind kind, double a, double b, Seed seed) {
        try (var _ = dev.sinew.Scope.open()) {
            Tensor step = Tensor.of(new long[] {0});
            Spec spec = parameter.spec();
            parameter.copyFrom(Ops.apply(new RandomFill(kind, a, b, seed.value(), spec), step));
        }
    }

    private static void finite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(what + " initialiser: " + value + " is not finite");
        }
    }

    private static void positive(String what, double gain) {
        finite(what, gain);
        if (gain <= 0) {
            throw new IllegalArgumentException(what + " initialiser: the gain must be positive, not " + gain);
        }
    }
}
