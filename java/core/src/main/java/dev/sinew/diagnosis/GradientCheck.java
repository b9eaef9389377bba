package dev.sinew.diagnosis;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Compares the gradients that {@link Gradients} finds with central differences, (f(x + eps) - f(x - eps)) / (2 eps), in
 * float64: for functions, layers and nets of one's own. What is differentiated is the {@link #scalar} of all outputs.
 *
 * {@snippet :
 * GradientCheck.of(in -> in[0].matmul(in[1]).tanh(), x, w).check();
 * GradientCheck.of(new MyLayer(), Shape.of(3, 8, 8), Seed.of(1)).check();
 * }
 *
 * <p>The bounds are those of PyTorch's gradcheck unless set: eps 1e-6, |analytic - numeric| at most 1e-5 + 1e-3 |numeric|.
 * Where the function has a kink or a jump within eps, so that the differences to both sides disagree and the gradient lies
 * between them, there is nothing to compare: the report counts such elements apart. Of large tensors some elements are
 * tried, the same ones every time; each costs two evaluations of the function.
 */
public final class GradientCheck {
    private static final int MOST_ELEMENTS = 80;
    /** By how many tolerances the differences to both sides must differ at a kink. */
    private static final double KINK = 10;

    private final List<String> names;
    private final Tensor[] given;
    /** What the function overwrites besides its inputs, such as running statistics; null: the inputs are to be copied. */
    private final Tensor[] others;
    private final boolean[] fixed;
    private final Function<Tensor[], Tensor[]> function;
    private double eps = 1e-6;
    private double atol = 1e-5;
    private double rtol = 1e-3;
    private int most = MOST_ELEMENTS;

    /**
     * One element where the gradient and the differences were compared.
     *
     * @param variable the name of the input or parameter
     * @param index where in it
     * @param analytic what the gradient rules give
     * @param numeric the central difference
     */
    public record Element(String variable, Spec spec, List<Long> index, double analytic, double numeric) {
        @Override
        public String toString() {
            return variable + " " + spec + ", element " + index + ": the rule gives " + analytic + ", central differences " + numeric;
        }
    }

    /**
     * What came out.
     *
     * @param compared how many elements were compared
     * @param wrong those beyond the tolerance, the worst first
     * @param kinks those where the function has no derivative
     */
    public record Report(long compared, List<Element> wrong, List<Element> kinks) {
        /** Whether nothing is wrong. */
        public boolean isRight() {
            return wrong.isEmpty();
        }

        @Override
        public String toString() {
            return (isRight() ? "the gradients are right: " + compared + " elements"
                    : "wrong gradient of " + wrong.getFirst() + " (" + wrong.size() + " of " + compared + " elements are wrong)")
                    + (kinks.isEmpty() ? "" : "; no derivative at " + kinks.size() + ", such as " + kinks.getFirst());
        }
    }

    private GradientCheck(List<String> names, Tensor[] given, Tensor[] others, boolean[] fixed, Function<Tensor[], Tensor[]> function) {
        this.names = names;
        this.given = given.clone();
        this.others = others;
        this.fixed = fixed;
        this.function = function;
    }

    /**
     * Of a function of tensors with one output, with respect to all floating-point inputs.
     *
     * @param inputs where to compare; copied, float32 ones into float64
     */
    public static GradientCheck of(Function<Tensor[], Tensor> function, Tensor... inputs) {
        return ofAll(in -> new Tensor[] {function.apply(in)}, inputs);
    }

    /** Of a function of tensors with several outputs. */
    public static GradientCheck ofAll(Function<Tensor[], Tensor[]> function, Tensor... inputs) {
        List<String> names = IntStream.range(0, inputs.length).mapToObj(i -> "input " + i).toList();
        boolean[] fixed = new boolean[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            fixed[i] = !inputs[i].dtype().isFloat();
        }
        return new GradientCheck(names, inputs, null, fixed, function);
    }

    /**
     * Of a layer in training mode, with respect to its input and its trainable parameters: three samples of normally
     * distributed numbers, parameters as they begin with some noise.
     *
     * @param sample the shape of one sample
     * @param seed of samples, parameters and the layer's own random numbers
     */
    public static GradientCheck of(Layer layer, Shape sample, Seed seed) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("x", noise(sample.withFirst(3), 1, seed.derive("x")));
        List<Boolean> trainable = new ArrayList<>(List.of(true));
        for (ParameterSpec p : layer.parameters(sample)) {
            Tensor value = Tensor.empty(DType.F64, p.shape());
            p.initializer().fill(value, seed.derive(p.name()));
            values.put(p.name(), p.trainable() ? value.add(noise(p.shape(), 0.1, seed.derive("noise " + p.name()))) : value);
            trainable.add(p.trainable());
        }
        List<String> names = List.copyOf(values.keySet());
        Function<Tensor[], Tensor[]> function = in -> {
            Map<String, Tensor> parameters = new LinkedHashMap<>();
            for (int i = 1; i < in.length; i++) {
                parameters.put(names.get(i), in[i]);
            }
            return new Tensor[] {layer.apply(new LayerContext("", parameters, seed.value()), in[0])};
        };
        boolean[] fixed = new boolean[names.size()];
        for (int i = 0; i < fixed.length; i++) {
            fixed[i] = !trainable.get(i);
        }
        return new GradientCheck(names, values.values().toArray(Tensor[]::new), null, fixed, function);
    }

    private static Tensor noise(Shape shape, double deviation, Seed seed) {
        return Tensor.normal(shape, 0, deviation, seed.value()).cast(DType.F64);
    }

    /**
     * Of the loss of a net in training mode with respect to its trainable parameters, which have their values back afterwards.
     *
     * @param network built with float64 parameters; dropout draws for step 1
     * @param x float64 [samples, sample shape]
     * @param target what the loss asks for
     */
    public static GradientCheck of(Network network, Loss loss, Tensor x, Tensor target) {
        if (network.dtype() != DType.F64) {
            throw new IllegalArgumentException("gradient check: the network must be built with DType.F64, its type is " + network.dtype());
        }
        Tensor step = Scope.outside(() -> Tensor.full(DType.I64, Shape.scalar(), 1));
        List<Tensor> trainable = network.trainable();
        List<String> names = network.parameters().entrySet().stream().filter(p -> trainable.contains(p.getValue()))
                .map(Map.Entry::getKey).toList();
        Tensor[] others = network.parameters().values().stream().filter(p -> !trainable.contains(p)).toArray(Tensor[]::new);
        return new GradientCheck(names, trainable.toArray(Tensor[]::new), others,
                new boolean[names.size()], in -> new Tensor[] {loss.apply(network.forward(x, true, step), target)});
    }

    /** The inputs with these numbers, from 0, are not differentiated by. */
    public GradientCheck fixed(int... inputs) {
        for (int i : inputs) {
            fixed[i] = true;
        }
        return this;
    }

    /** How far the inputs are moved, above 0. */
    public GradientCheck eps(double distance) {
        if (!(distance > 0) || Double.isInfinite(distance)) {
            throw new IllegalArgumentException("gradient check: eps must be positive and finite, not " + distance);
        }
        eps = distance;
        return this;
    }

    /** Right is what differs by at most absolute + relative times |numeric|. */
    public GradientCheck tolerance(double absolute, double relative) {
        if (!(absolute >= 0) || !(relative >= 0)) {
            throw new IllegalArgumentException("gradient check: tolerances must not be negative, not " + absolute + " and " + relative);
        }
        atol = absolute;
        rtol = relative;
        return this;
    }

    /** The most elements to compare of each input, at least 1; 80 unless set. */
    public GradientCheck elements(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("gradient check: at least one element must be compared, not " + number);
        }
        most = number;
        return this;
    }

    /**
     * Throws when a gradient is wrong.
     *
     * @throws AssertionError naming the worst element with both values
     */
    public void check() {
        Report report = report();
        if (!report.isRight()) {
            throw new AssertionError(report.toString());
        }
    }

    /**
     * Compares.
     *
     * @throws IllegalArgumentException when the outputs do not depend on one of the inputs
     * @throws IllegalStateException when the function does not give the same value for the same inputs
     */
    @SuppressWarnings("try") // the scope frees the copies
    public Report report() {
        try (Scope scope = Scope.open()) {
            return compare(others == null ? Arrays.stream(given).map(GradientCheck::doubleCopy).toArray(Tensor[]::new) : given);
        }
    }

    private static Tensor doubleCopy(Tensor x) {
        return x.dtype() == DType.F32 ? Tensor.of(x.toDoubles(), x.shape().dims()) : x.copy();
    }

    private Report compare(Tensor[] variables) {
        Evaluation f = new Evaluation(variables);
        double[][] analytic = f.gradients();
        double here = f.value();
        double again = f.value();
        if (Double.doubleToLongBits(here) != Double.doubleToLongBits(again)) {
            throw new IllegalStateException("gradient check: the function gives " + here + " and then " + again
                    + " for the same inputs; random numbers must come from a fixed seed and step");
        }
        List<Element> wrong = new ArrayList<>();
        List<Element> kinks = new ArrayList<>();
        long compared = 0;
        for (int i = 0; i < variables.length; i++) {
            for (int element : fixed[i] ? new int[0] : chosen((int) variables[i].shape().count())) {
                compared++;
                double above = f.valueAt(i, element, eps);
                double below = f.valueAt(i, element, -eps);
                double found = analytic[i][element];
                double numeric = (above - below) / (2 * eps);
                if (!(Math.abs(found - numeric) <= tolerance(numeric))) {
                    (isKink(found, (above - here) / eps, (here - below) / eps) ? kinks : wrong)
                            .add(new Element(names.get(i), variables[i].spec(), index(element, variables[i].shape()), found, numeric));
                }
            }
        }
        wrong.sort(Comparator.comparingDouble((Element e) -> excess(e)).reversed());
        return new Report(compared, List.copyOf(wrong), List.copyOf(kinks));
    }

    private double tolerance(double numeric) {
        return atol + rtol * Math.abs(numeric);
    }

    private double excess(Element e) {
        double excess = Math.abs(e.analytic - e.numeric) - tolerance(e.numeric);
        return Double.isNaN(excess) ? Double.MAX_VALUE : excess;
    }

    private boolean isKink(double analytic, double right, double left) {
        double tolerance = tolerance(Math.max(Math.abs(right), Math.abs(left)));
        return Math.abs(right - left) > KINK * tolerance && analytic >= Math.min(right, left) - tolerance
                && analytic <= Math.max(right, left) + tolerance;
    }

    /** The function at the variables' values, which it has back after every evaluation. */
    private final class Evaluation {
        private final Tensor[] variables;
        private final Tensor[] state;
        private final Tensor[] originals;

        Evaluation(Tensor[] variables) {
            this.variables = variables;
            state = others == null ? variables : Stream.concat(Arrays.stream(variables), Arrays.stream(others)).toArray(Tensor[]::new);
            originals = Arrays.stream(state).map(Tensor::copy).toArray(Tensor[]::new);
        }

        double[][] gradients() {
            return restoring(() -> {
                List<Tensor> wrt = new ArrayList<>();
                for (int i = 0; i < variables.length; i++) {
                    if (!fixed[i]) {
                        wrt.add(variables[i]);
                    }
                }
                Gradients gradients = Gradients.of(scalar(function.apply(variables)), wrt.toArray(Tensor[]::new));
                return IntStream.range(0, variables.length).mapToObj(i -> fixed[i] ? null : gradients.get(variables[i]).toDoubles())
                        .toArray(double[][]::new);
            });
        }

        double value() {
            return restoring(() -> scalar(function.apply(variables)).item());
        }

        double valueAt(int variable, int element, double shift) {
            double[] values = originals[variable].toDoubles();
            values[element] += shift;
            return restoring(() -> {
                variables[variable].copyFrom(Tensor.of(values, variables[variable].shape().dims()));
                return value();
            });
        }

        @SuppressWarnings("try") // the scope frees what the function made
        private <T> T restoring(Supplier<T> action) {
            int[] versions = Arrays.stream(state).mapToInt(x -> x.buffer().version()).toArray();
            try (Scope scope = Scope.open()) {
                return action.get();
            } finally {
                for (int i = 0; i < state.length; i++) {
                    if (state[i].buffer().version() != versions[i]) {
                        state[i].copyFrom(originals[i]);
                    }
                }
            }
        }
    }

    /** What is differentiated: a sum in which every element of the outputs has another factor, from 0.5 to 1.5. */
    public static Tensor scalar(Tensor... outputs) {
        if (outputs.length == 0) {
            throw new IllegalArgumentException("gradient check: the function has no outputs");
        }
        Tensor sum = null;
        SplittableRandom random = new SplittableRandom(42);
        for (Tensor y : outputs) {
            double[] weights = random.doubles(y.shape().count(), 0.5, 1.5).toArray();
            Tensor factor = Tensor.of(weights, y.shape().dims());
            Tensor part = y.mul(y.dtype() == DType.F64 ? factor : Tensor.of(factor.toFloats(), y.shape().dims())).sum();
            sum = sum == null ? part : sum.add(part);
        }
        return sum;
    }

    private int[] chosen(int count) {
        int[] all = new SplittableRandom(count).ints(most, 0, count).distinct().toArray();
        return count > most ? all : IntStream.range(0, count).toArray();
    }

    private static List<Long> index(int element, Shape shape) {
        Long[] index = new Long[shape.rank()];
        long rest = element;
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = rest % shape.dim(d);
            rest /= shape.dim(d);
        }
        return List.of(index);
    }
}
