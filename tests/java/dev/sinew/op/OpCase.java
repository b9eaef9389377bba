package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.diagnosis.GradientCheck;
import dev.sinew.graph.Gradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One operation with attributes, and the inputs to try it on. The list of all of them, {@link OpCases}, serves the
 * gradient checks, the comparison of plans with eager execution, and that of the memory layouts.
 */
public final class OpCase {
    /** What is tried: from inputs to the outputs that count. */
    public interface Body {
        Tensor[] apply(Tensor... in);
    }

    private enum Values { NORMAL, POSITIVE, UNIT, LABELS, STEP }

    private record Input(Values values, Shape shape, boolean differentiable, int classes) {}

    private final String name;
    private final Body body;
    private final List<Input> inputs = new ArrayList<>();
    private boolean twice;

    private OpCase(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    /** An operation applied to all inputs, all of its floating-point outputs counting. */
    static OpCase of(Op op) {
        return new OpCase(op.toString(), in -> Arrays.stream(Ops.applyAll(op, in)).filter(y -> y.dtype().isFloat()).toArray(Tensor[]::new));
    }

    /** An operation applied to all inputs, its first output counting. */
    static OpCase first(Op op) {
        return new OpCase(op.toString(), in -> new Tensor[] {Ops.applyAll(op, in)[0]});
    }

    /** A composition. */
    static OpCase named(String name, Body body) {
        return new OpCase(name, body);
    }

    OpCase normal(long... shape) {
        return add(Values.NORMAL, true, 0, shape);
    }

    /** Values from 0.5 to 2. */
    OpCase positive(long... shape) {
        return add(Values.POSITIVE, true, 0, shape);
    }

    /** Values from 0 to 1. */
    OpCase unit(long... shape) {
        return add(Values.UNIT, true, 0, shape);
    }

    OpCase labels(int classes, long rows) {
        return add(Values.LABELS, false, classes, rows);
    }

    OpCase step() {
        return add(Values.STEP, false, 0);
    }

    /** The last input is not differentiated. */
    OpCase fixed() {
        Input last = inputs.removeLast();
        inputs.add(new Input(last.values, last.shape, false, last.classes));
        return this;
    }

    /** The gradient has a gradient, too. */
    OpCase twice() {
        twice = true;
        return this;
    }

    private OpCase add(Values values, boolean differentiable, int classes, long... shape) {
        inputs.add(new Input(values, Shape.of(shape), differentiable, classes));
        return this;
    }

    /** Whether second derivatives exist. */
    public boolean isTwice() {
        return twice;
    }

    /** Whether an input is of rank 4, and the layout matters. */
    public boolean hasImages() {
        return inputs.stream().anyMatch(input -> input.shape.rank() == 4);
    }

    /** What is tried. */
    public Body body() {
        return body;
    }

    /** The gradient of this as a case of its own, with the same inputs. */
    public OpCase differentiated() {
        OpCase gradient = new OpCase(name, gradient(body, differentiable()));
        gradient.inputs.addAll(inputs);
        return gradient;
    }

    /** Which inputs to differentiate by. */
    public boolean[] differentiable() {
        boolean[] flags = new boolean[inputs.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = inputs.get(i).differentiable;
        }
        return flags;
    }

    /** Reproducible inputs in row-major layout. */
    public Tensor[] inputs(DType dtype) {
        // of the text: the hash code of an enumerator is another one in every run
        SplittableRandom random = new SplittableRandom((name + inputs).hashCode());
        return inputs.stream().map(input -> make(input, dtype, random)).toArray(Tensor[]::new);
    }

    private static Tensor make(Input input, DType dtype, SplittableRandom random) {
        int count = (int) input.shape.count();
        if (input.values == Values.STEP) {
            return Tensor.full(DType.I64, input.shape, 3);
        }
        if (input.values == Values.LABELS) {
            int[] labels = random.ints(count, 0, input.classes).toArray();
            // 0 may be the label to ignore, and the mean over no rows is NaN
            labels[0] = input.classes - 1;
            return Tensor.of(labels, input.shape.dims());
        }
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (input.values) {
                case POSITIVE -> 0.5 + 1.5 * random.nextDouble();
                case UNIT -> random.nextDouble();
                default -> random.nextGaussian();
            };
        }
        Tensor made = Tensor.of(values, input.shape.dims());
        return dtype == DType.F64 ? made : Tensor.of(made.toFloats(), input.shape.dims());
    }

    /** The same tensors, those of rank 4 channels-last. */
    public static Tensor[] channelsLast(Tensor[] in) {
        return Arrays.stream(in).map(x -> x.shape().rank() == 4 ? Convert.to(Layout.CHANNELS_LAST, x) : x).toArray(Tensor[]::new);
    }

    /** A scalar that depends on every element of the outputs differently. */
    public static Tensor loss(Tensor... outputs) {
        return GradientCheck.scalar(outputs);
    }

    /** The gradients of {@link #loss} with respect to the differentiable inputs. */
    public static Tensor[] gradients(Body body, Tensor[] in, boolean[] differentiable) {
        return gradients(loss(body.apply(in)), in, differentiable);
    }

    /** The gradient as a function of its own; half the squared inputs are added, so that it depends on all of them. */
    public static Body gradient(Body body, boolean[] differentiable) {
        return in -> {
            Tensor loss = loss(body.apply(in));
            for (int i = 0; i < in.length; i++) {
                loss = differentiable[i] ? loss.add(in[i].square().sum().mul(0.5)) : loss;
            }
            return gradients(loss, in, differentiable);
        };
    }

    private static Tensor[] gradients(Tensor loss, Tensor[] in, boolean[] differentiable) {
        List<Tensor> by = new ArrayList<>();
        for (int i = 0; i < in.length; i++) {
            if (differentiable[i]) {
                by.add(in[i]);
            }
        }
        Gradients gradients = Gradients.of(loss, by.toArray(Tensor[]::new));
        return by.stream().map(gradients::get).toArray(Tensor[]::new);
    }

    @Override
    public String toString() {
        return name + " of " + inputs.stream().map(input -> input.shape.toString()).toList();
    }
}
