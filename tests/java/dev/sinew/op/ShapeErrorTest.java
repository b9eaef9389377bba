package dev.sinew.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad arguments: the message names the operation, the inputs and the rule; eager and symbolic tensors get the same one. */
@ExtendWith(Scoped.class)
class ShapeErrorTest {
    /** @param parts what the message must contain */
    record Bad(Op op, List<Spec> inputs, List<String> parts) {
        @Override
        public String toString() {
            return Ops.describe(op, inputs) + " " + parts;
        }
    }

    private static final Window2d W3 = Window2d.of(3);
    private static final Activation RELU = new Activation(Activation.Kind.RELU, 0);
    private static final CrossEntropy CE = new CrossEntropy(Reduction.MEAN);
    private static final Hinge HINGE = new Hinge(Reduction.NONE, 1, 1, true);

    private static Spec f(long... shape) {
        return Spec.of(DType.F32, Shape.of(shape));
    }

    private static Spec d(long... shape) {
        return Spec.of(DType.F64, Shape.of(shape));
    }

    private static Spec i(long... shape) {
        return Spec.of(DType.I32, Shape.of(shape));
    }

    private static Spec l(long... shape) {
        return Spec.of(DType.I64, Shape.of(shape));
    }

    private static List<Spec> in(Spec... specs) {
        return List.of(specs);
    }

    private static Bad bad(Op op, List<Spec> inputs, String... parts) {
        return new Bad(op, inputs, List.of(parts));
    }

    static Stream<Bad> all() {
        List<Bad> all = new ArrayList<>();
        matrices(all);
        images(all);
        losses(all);
        movement(all);
        steps(all);
        SequenceErrors.add(all);
        ImageErrors.add(all);
        return all.stream();
    }

    private static void matrices(List<Bad> all) {
        all.add(bad(Unary.of(Unary.Kind.EXP), in(), "takes 1 inputs, not 0"));
        all.add(bad(Unary.of(Unary.Kind.EXP), in(f(2), f(2)), "takes 1 inputs, not 2"));
        all.add(bad(Unary.of(Unary.Kind.EXP), in(i(2)), "exp(i32[2])", "floating-point"));
        all.add(bad(new UnaryGradient(Unary.of(Unary.Kind.EXP)), in(f(2)), "takes 2 inputs, not 1"));
        all.add(bad(new UnaryGradient(Unary.of(Unary.Kind.EXP)), in(f(1, 2, 3, 4)), "takes 2 inputs, not 1"));
        all.add(bad(new UnaryGradient(Unary.of(Unary.Kind.EXP)), in(f(2), f(3)), "exp_gradient(f32[2], f32[3])", "must be equal"));
        all.add(bad(new Binary(Binary.Kind.ADD, Broadcast.NO), in(f(2), f(3)), "add(f32[2], f32[3])", "Broadcast.YES"));
        all.add(bad(new Binary(Binary.Kind.ADD, Broadcast.NO), in(f(2, 3), f(3)), "Broadcast.YES"));
        all.add(bad(new Binary(Binary.Kind.MUL, Broadcast.YES), in(f(2, 4), f(3)), "mul(f32[2, 4], f32[3])", "sizes 4 and 3 of dimension 1"));
        all.add(bad(new Binary(Binary.Kind.MUL, Broadcast.YES), in(f(2), d(2)), "of one type"));
        all.add(bad(new Binary(Binary.Kind.POW, Broadcast.YES), in(f(1 << 20, 1), f(1 << 21)), "2^40 elements"));
        all.add(bad(new Gemm(false, false), in(f(2, 3)), "takes 2 to 3 inputs"));
        all.add(bad(new Gemm(false, false), in(f(2, 3), f(2, 3)), "matmul(f32[2, 3], f32[2, 3])", "inner sizes 3 and 2 differ"));
        all.add(bad(new Gemm(true, false), in(f(2, 3), f(3, 2)), "inner sizes 2 and 3 differ", "a being transposed"));
        all.add(bad(new Gemm(false, true), in(f(2, 3), f(4, 3), f(5)), "bias must have shape [4]"));
        all.add(bad(new Gemm(false, false), in(f(2, 3, 1, 1), f(3, 2)), "two matrices"));
        all.add(bad(new Gemm(false, false), in(f(2, 3), d(3, 2)), "of one type"));
        all.add(bad(new Gemm(false, false), in(f(1 << 21, 1), f(1, 1 << 21)), "2^40 elements"));
    }

    private static void images(List<Bad> all) {
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8)), "conv2d(f32[1, 3, 8, 8])", "takes 2 to 3 inputs"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8), f(4, 2, 3, 3)), "3/1 = 3 input channels, it has 2"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8), f(4, 3, 5, 5)), "[4, 3, 5, 5] does not end with the kernel 3x3"));
        all.add(bad(new Conv2d(W3, 2), in(f(1, 3, 8, 8), f(4, 1, 3, 3)), "groups 2 must divide the 3 input and the 4 output channels"));
        all.add(bad(new Conv2d(W3, 1), in(f(3, 8, 8), f(4, 3, 3, 3)), "[N, C, H, W]", "[3, 8, 8]"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8), f(4, 3, 9)), "[O, C/groups, KH, KW]", "[4, 3, 9]"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8), f(4, 3, 3, 3), f(3)), "the bias", "[4]", "[3]"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 8, 8), d(4, 3, 3, 3)), "of one type"));
        all.add(bad(new Conv2d(W3, 1).withPooling(new WindowPooling(WindowPooling.Kind.MAX, 2, 4)), in(f(1, 3, 8, 8), f(4, 3, 3, 3)),
                "windows of 2x4 do not cover the result [1, 4, 6, 6]"));
        all.add(bad(new Conv2d(W3, 1), in(f(1, 3, 2, 8), f(4, 3, 3, 3)), "does not fit", "height (2 + 2*0 - 1*(3-1) - 1)/1 + 1 = 0", "width (8 + 2*0 - 1*(3-1) - 1)/1 + 1 = 6"));
        all.add(bad(new Conv2d(Window2d.of(1).pad(Integer.MAX_VALUE), 1), in(f(1, 1, 1, 1), f(1, 1, 1, 1)), "2^40 elements"));
        all.add(bad(new Conv2dInputGradient(W3, 1, Shape.of(1, 3, 8, 8)), in(f(1, 4, 5, 6), f(4, 3, 3, 3)), "for an image [1, 3, 8, 8], dy", "[1, 4, 6, 6]"));
        all.add(bad(new Conv2dInputGradient(W3, 1, Shape.of(1, 3, 8, 8)), in(f(1, 4, 6, 6), f(4, 2, 3, 3)), "it has 2"));
        all.add(bad(new Conv2dWeightGradient(W3, 1, Shape.of(4, 3, 3, 3), true), in(f(2, 3, 8, 8), f(1, 4, 6, 6)), "for a weight [4, 3, 3, 3], dy", "[2, 4, 6, 6]"));
        for (Op pool : List.of(new MaxPool2d(Window2d.of(2), false), new AvgPool2d(Window2d.of(2), true, false))) {
            all.add(bad(pool, in(f(2, 3)), pool.name() + "(f32[2, 3])", "[N, C, H, W]"));
            all.add(bad(pool, in(f(1, 1, 1, 5)), "does not fit", "height"));
            all.add(bad(pool, in(i(1, 1, 5, 5)), "floating-point"));
            all.add(bad(pool, in(), "takes 1 inputs"));
        }
        all.add(bad(new MaxPool2d(Window2d.of(1), false), in(f(1, 1, 1 << 16, 1 << 16)), "2^31 - 1 pixels"));
        all.add(bad(new MaxPool2dGradient(Window2d.of(2).stride(2), Shape.of(1, 1, 5, 5)), in(f(1, 1, 4, 4), i(1, 1, 4, 4)), "does not match the image [1, 1, 5, 5]"));
        all.add(bad(new MaxPool2dGradient(Window2d.of(2), Shape.of(1, 1, 5, 5)), in(f(1, 1, 4, 4), f(1, 1, 4, 4)), "must be I32"));
        all.add(bad(new MaxPool2dGradient(Window2d.of(2), Shape.of(1, 1, 5, 5)), in(f(1, 1, 4, 4), i(1, 1, 4, 3)), "the index"));
        all.add(bad(new AvgPool2dGradient(Window2d.of(2), false, true, Shape.of(1, 1, 5, 5)), in(f(1, 1, 5, 5)), "[1, 1, 4, 4]"));
        BatchNorm norm = new BatchNorm(1e-5, 0.1, Activation.IDENTITY);
        all.add(bad(norm, in(f(4, 3), f(3), f(3), f(3)), "takes 5 to 6 inputs"));
        all.add(bad(norm, in(f(4, 3, 2), f(3), f(3), f(3), f(3)), "[N, C] or [N, C, H, W]"));
        all.add(bad(norm, in(f(4, 3), f(3), f(4), f(3), f(3)), "beta", "[3]", "[4]"));
        all.add(bad(norm, in(f(4, 3), f(3), f(3), f(3), d(3)), "of one type"));
        all.add(bad(norm, in(f(1, 3), f(3), f(3), f(3), f(3)), "at least 2 values per channel"));
        all.add(bad(norm, in(f(1, 3, 1, 1), f(3), f(3), f(3), f(3)), "at least 2 values per channel"));
        all.add(bad(new BatchNormInfer(1e-5, RELU), in(f(1, 3), f(3), f(3), f(3), f(1)), "the variance", "[3]"));
        all.add(bad(new BatchNormGradient(Activation.IDENTITY), in(f(4, 3), f(4, 3), f(3), f(3), f(3), f(4, 3)), "takes 5 inputs, not 6"));
        all.add(bad(new BatchNormGradient(RELU), in(f(4, 3), f(4, 3), f(3), f(3), f(3)), "takes 6 inputs, not 5"));
        all.add(bad(new BatchNormGradient(RELU), in(f(4, 3), f(3, 4), f(3), f(3), f(3), f(4, 3)), "dy", "[4, 3]"));
    }

    private static void losses(List<Bad> all) {
        all.add(bad(new Softmax(false), in(f()), "softmax(f32[])", "no last dimension"));
        all.add(bad(new SoftmaxGradient(true), in(f(3), f(4)), "log_softmax_gradient", "y", "[3]"));
        all.add(bad(new SoftmaxGradient(true), in(f(), f()), "no last dimension"));
        for (Op op : List.of(CE, HINGE)) {
            all.add(bad(op, in(f(4, 3)), op.name(), "takes 2 to 3 inputs"));
            all.add(bad(op, in(f(4), i(4)), "[N, K]"));
            all.add(bad(op, in(f(4, 3), i(3)), "labels", "[4]", "[3]"));
            all.add(bad(op, in(f(4, 3), f(4)), "labels", "I32", "F32"));
            all.add(bad(op, in(f(4, 3), i(4), f(4)), "weights", "[3]"));
            all.add(bad(op, in(f(4, 3), i(4), d(3)), "of one type"));
        }
        for (Op op : List.of(new CrossEntropyGradient(CE), new HingeGradient(HINGE))) {
            all.add(bad(op, in(f(4, 3), i(4)), "takes 3 to 4 inputs"));
            all.add(bad(op, in(f(4, 3), i(4), f(3)), "dloss", op.name()));
        }
        GroupNorm groups = new GroupNorm(2, 1e-5, false);
        all.add(bad(groups, in(f(3, 5)), "groupnorm(f32[3, 5])", "2 groups do not divide 5 channels"));
        all.add(bad(groups, in(f(3, 4, 5)), "[N, C] or [N, C, H, W]"));
        all.add(bad(groups, in(i(3, 4)), "floating-point"));
        all.add(bad(groups, in(f(3, 4), f(3)), "gamma", "[4]"));
        all.add(bad(groups, in(f(3, 4), f(4), f(1)), "beta", "[4]"));
        all.add(bad(groups, in(f(3, 4), d(4)), "of one type"));
        all.add(bad(groups, in(), "takes 1 to 3 inputs"));
        all.add(bad(new GroupNormGradient(groups), in(f(3, 4), f(3, 4), f(3, 2)), "takes 4 to 5 inputs"));
        all.add(bad(new GroupNormGradient(groups), in(f(3, 4), f(3, 5), f(3, 2), f(3, 2)), "dy", "[3, 4]"));
        all.add(bad(new GroupNormGradient(groups), in(f(3, 4), f(3, 4), f(3), f(3, 2)), "the saved mean", "[3, 2]"));
        all.add(bad(new GroupNormGradient(groups), in(f(3, 4), f(3, 4), f(3, 2), f(2, 3)), "the saved 1/deviation", "[3, 2]"));
        all.add(bad(new GroupNormGradient(groups), in(f(3, 4), f(3, 4), f(3, 2), f(3, 2), f(2)), "gamma", "[4]"));
        all.add(bad(new Mse(Reduction.SUM), in(f(3), f(4)), "mse(f32[3], f32[4])", "the target"));
        all.add(bad(new Mse(Reduction.SUM), in(f(3), i(3)), "floating-point"));
        all.add(bad(new MseGradient(Reduction.NONE), in(f(3), f(3), f()), "dloss", "[3]"));
        all.add(bad(new MseGradient(Reduction.SUM), in(f(3), f(3), f(3)), "dloss", "[]"));
        all.add(bad(new Bce(Reduction.MEAN, true, false), in(f(3), f(3)), "bce(f32[3], f32[3])", "takes 3 inputs"));
        all.add(bad(new Bce(Reduction.MEAN, true, false), in(f(2, 3), f(2, 3), f(3)), "the weight", "[2, 3]"));
        all.add(bad(new Bce(Reduction.MEAN, false, true), in(f(2, 3), f(2, 3), f(2)), "posWeight", "[3]"));
        all.add(bad(new Bce(Reduction.MEAN, false, true), in(f(), f(), f(1)), "no last dimension"));
        all.add(bad(new BceGradient(new Bce(Reduction.MEAN, true, true)), in(f(3), f(3), f(), f(3)), "takes 5 inputs"));
        all.add(bad(new BceGradient(new Bce(Reduction.MEAN, false, false)), in(f(3), f(3), f(1)), "dloss", "[]"));
        all.add(bad(new Dropout(0.5, 1), in(f(3), i()), "dropout(f32[3], i32[])", "the step", "I64"));
        all.add(bad(new Dropout(0.5, 1), in(f(3), l(1)), "the step", "[]"));
        all.add(bad(new Dropout(0.5, 1), in(f(3)), "takes 2 inputs"));
        all.add(bad(new RandomFill(RandomFill.Kind.NORMAL, 0, 1, 1, f(3)), in(), "random()", "takes 1 inputs"));
        all.add(bad(new RandomFill(RandomFill.Kind.NORMAL, 0, 1, 1, f(3)), in(d()), "the step"));
    }

    private static void movement(List<Bad> all) {
        all.add(bad(Reduce.of(Reduce.Kind.SUM, 2), in(f(2, 3)), "sum(f32[2, 3])", "dimension 2 does not exist"));
        all.add(bad(Reduce.of(Reduce.Kind.MEAN, -3), in(f(2, 3)), "dimension -3"));
        all.add(bad(Reduce.of(Reduce.Kind.MAX, 1, -1), in(f(2, 3)), "dimension -1 is given twice"));
        all.add(bad(Reduce.of(Reduce.Kind.SUM, 0), in(f()), "dimension 0 does not exist"));
        all.add(bad(Reduce.of(Reduce.Kind.SUM), in(i(2)), "floating-point"));
        all.add(bad(Reduce.of(Reduce.Kind.ARGMAX), in(f(1L << 32)), "does not fit into int32"));
        all.add(bad(new Reshape(Shape.of(5)), in(f(2, 3)), "reshape(f32[2, 3])", "6 elements do not fit into shape [5]"));
        all.add(bad(new Permute(0), in(f(2, 3)), "must name each of the 2 dimensions once"));
        all.add(bad(new Permute(0, 0), in(f(2, 3)), "dimension 0 is given twice"));
        all.add(bad(new Permute(0, 2), in(f(2, 3)), "dimension 2 does not exist"));
        all.add(bad(new Permute(0), in(l(2)), "I64"));
        all.add(bad(new Slice(0, 1, 2, 1), in(f(2, 3)), "slice(f32[2, 3])", "2 elements from 1 in steps of 1 exceed size 2 of dimension 0"));
        all.add(bad(new Slice(1, 2, 2, Long.MAX_VALUE), in(f(2, 3)), "exceed size 3"));
        all.add(bad(new Slice(1, Long.MAX_VALUE, 1, 1), in(f(2, 3)), "exceed size 3"));
        all.add(bad(new Slice(1, 0, Long.MAX_VALUE, 1), in(f(2, 3)), "exceed size 3"));
        all.add(bad(new Slice(2, 0, 1, 1), in(f(2, 3)), "dimension 2 does not exist"));
        all.add(bad(new Slice(0, 0, 1, 1), in(f()), "dimension 0 does not exist"));
        all.add(bad(new SliceGradient(0, 1, 1, Shape.of(2, 3)), in(f(2, 3)), "exceed size 2"));
        all.add(bad(new SliceGradient(0, 0, 1, Shape.of(2, 3)), in(f(2)), "rank 2"));
        all.add(bad(new SliceGradient(0, 0, 1, Shape.of(2, 3)), in(f(1, 4)), "dy", "[1, 3]"));
        all.add(bad(new Concat(0), in(), "concat()", "takes 1 to"));
        all.add(bad(new Concat(0), in(f(2, 3), f(2, 4)), "concat(f32[2, 3], f32[2, 4])", "but for dimension 0"));
        all.add(bad(new Concat(1), in(f(2, 3), f(2)), "but for dimension 1"));
        all.add(bad(new Concat(2), in(f(2, 3), f(2, 3)), "dimension 2 does not exist"));
        all.add(bad(new Concat(0), in(f(2), d(2)), "must be F32"));
        all.add(bad(new Concat(0), in(l(2), l(2)), "I64"));
        all.add(bad(new Concat(0), in(f(1L << 40), f(1)), "2^40"));
        all.add(bad(new Pad(new long[] {1}, new long[] {1}, 0), in(f(2, 3)), "pad(f32[2, 3])", "each of the 2 dimensions"));
        all.add(bad(new Pad(new long[] {-1}, new long[] {-1}, 0), in(f(2)), "1 element must remain"));
        all.add(bad(new Pad(new long[] {-3}, new long[] {5}, 0), in(f(2)), "cropped"));
        all.add(bad(new Pad(new long[] {Long.MAX_VALUE}, new long[] {1}, 0), in(f(2)), "2^40"));
        all.add(bad(new Pad(new long[] {1L << 40}, new long[] {0}, 0), in(f(2)), "2^40"));
        all.add(bad(new Pad(new long[] {0}, new long[] {0}, 0.5), in(i(2)), "0.5 is no int32"));
        all.add(bad(new Pad(new long[] {0}, new long[] {0}, Double.NaN), in(i(2)), "NaN is no int32"));
        all.add(bad(new BroadcastTo(Shape.of(2, 3)), in(f(2)), "broadcast_to(f32[2])", "[2, 3]"));
        all.add(bad(new BroadcastTo(Shape.of(2)), in(f(1, 2)), "[1, 2]"));
        all.add(bad(new Cast(DType.F32), in(l(1)), "I64"));
        all.add(bad(new Copy(), in(l(1)), "I64"));
        all.add(bad(new Fill(f(2), 1), in(f(2)), "takes 0 inputs"));
    }

    private static void steps(List<Bad> all) {
        SgdStep sgd = new SgdStep(0.9, 0, 0, true);
        all.add(bad(sgd, in(f(3), f(3), d(), l()), "sgd(", "takes 5 to 6 inputs"));
        all.add(bad(new SgdStep(0, 0, 0, false), in(f(3), f(3), d(), l(), f(3)), "takes 4 inputs"));
        all.add(bad(sgd, in(f(3), f(4), d(), l(), f(3)), "the gradient", "[3]"));
        all.add(bad(sgd, in(f(3), d(3), d(), l(), f(3)), "of one type"));
        all.add(bad(sgd, in(f(3), f(3), f(), l(), f(3)), "the learning rate", "F64"));
        all.add(bad(sgd, in(f(3), f(3), d(1), l(), f(3)), "the learning rate", "[]"));
        all.add(bad(sgd, in(f(3), f(3), d(), i(), f(3)), "the step", "I64"));
        all.add(bad(sgd, in(f(3), f(3), d(), l(), f(2)), "the optimiser's state", "[3]"));
        AdamStep adam = new AdamStep(0.9, 0.999, 1e-8, 0, true);
        all.add(bad(adam, in(f(3), f(3), d(), l(), f(3)), "adam(", "takes 6 to 7 inputs"));
        all.add(bad(adam, in(f(3), f(3), d(), l(), f(3), f(4)), "the optimiser's state"));
        AdaptiveStep rms = new AdaptiveStep(AdaptiveStep.Rule.RMSPROP, 0, 0.9, 0.9, 1e-8, 0, true);
        all.add(bad(rms, in(f(3), f(3), d(), l(), f(3), f(3)), "rmsprop(", "takes 7 inputs"));
        all.add(bad(rms, in(f(3), f(3), d(), l(), f(3), f(4), f(3)), "the optimiser's state", "[3]"));
        LambStep lamb = new LambStep(0.9, 0.999, 1e-6, 0);
        all.add(bad(lamb, in(f(3), f(3), d(), l(), f(3)), "lamb(", "takes 6 inputs"));
        all.add(bad(lamb, in(f(3), f(2), d(), l(), f(3), f(3)), "the gradient", "[3]"));
        ClipStep norm = new ClipStep(ClipStep.Kind.NORM, 1);
        all.add(bad(norm, in(f(3)), "clip(", "takes 2 inputs"));
        all.add(bad(norm, in(f(3), f()), "the norm", "F64"));
        all.add(bad(new ClipStep(ClipStep.Kind.VALUE, 1), in(i(3)), "floating-point"));
        all.add(bad(new Blend(), in(f(3), f(4), d(), d()), "blend(", "what is blended in", "[3]"));
        all.add(bad(new Blend(), in(f(3), f(3), d(), l()), "the share that is added", "F64"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void theMessageSaysWhatIsWrong(Bad bad) {
        assertThatThrownBy(() -> bad.op.outputs(bad.inputs)).isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage()).startsWith(bad.op.name() + "(").contains(bad.parts));
    }

    /** Nothing is computed or added before the check; a scope owns what layout conversions made. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void tensorsAreRefusedAlike(Bad bad) {
        Graph graph = new Graph();
        Tensor[] symbols = bad.inputs.stream().map(spec -> graph.input("x", spec)).toArray(Tensor[]::new);
        assertThatThrownBy(() -> graph.add(bad.op, symbols)).isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(bad.parts));
        assertThat(graph.nodes()).allMatch(node -> node.op() instanceof Convert);
        if (bad.inputs.stream().mapToLong(Spec::bytes).sum() < 1 << 20) {
            Tensor[] tensors = bad.inputs.stream().map(Tensor::empty).toArray(Tensor[]::new);
            assertThatThrownBy(() -> Ops.applyAll(bad.op, tensors)).isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(bad.parts));
        }
    }

    @Test
    void attributesAreCheckedAtOnce() {
        refused(() -> Window2d.of(0), "kernel must be from 1", "0 x 0");
        refused(() -> Window2d.of(1, 1L << 31), "kernel");
        refused(() -> W3.stride(0), "stride must be from 1");
        refused(() -> W3.pad(-1), "pad must be from 0", "-1 x -1");
        refused(() -> W3.dilation(1, Long.MIN_VALUE), "dilation");
        refused(() -> new Conv2d(W3, 0), "groups must be at least 1, not 0");
        refused(() -> new Conv2dInputGradient(W3, 1, Shape.of(3)), "[N, C, H, W]");
        refused(() -> new Conv2dWeightGradient(W3, 1, Shape.of(3), true), "[O, C/groups, KH, KW]");
        refused(() -> new MaxPool2d(W3.pad(2), false), "at most half the kernel", "3x3 pad 2");
        refused(() -> new AvgPool2d(W3.dilation(2), false, true), "dilation must be 1");
        refused(() -> new MaxPool2dGradient(W3, Shape.of(2, 2)), "[N, C, H, W]");
        refused(() -> new AvgPool2dGradient(W3, false, false, Shape.scalar()), "[N, C, H, W]");
        for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
            refused(() -> new BatchNorm(wrong, 0.1, RELU), "eps");
            refused(() -> new BatchNorm(1e-5, wrong, RELU), "momentum");
            refused(() -> new BatchNormInfer(wrong, RELU), "eps");
            refused(() -> new GroupNorm(1, wrong, true), "eps");
            refused(() -> new CrossEntropy(Reduction.MEAN, wrong, 0), "smoothing");
            refused(() -> new Dropout(wrong, 0), "dropout: p must be from 0 to 1");
            refused(() -> new SgdStep(wrong, 0, 0, false), "momentum");
            refused(() -> new SgdStep(0, 0, wrong, false), "weightDecay");
            refused(() -> new AdamStep(wrong, 0.9, 1e-8, 0, false), "beta1");
            refused(() -> new AdamStep(0.9, wrong, 1e-8, 0, false), "beta2");
            refused(() -> new AdamStep(0.9, 0.9, wrong, 0, false), "eps");
            refused(() -> new AdamStep(0.9, 0.9, 1e-8, wrong, false), "weightDecay");
            refused(() -> new RandomFill(RandomFill.Kind.NORMAL, 0, wrong, 1, f(1)), "random");
        }
        refused(() -> new GroupNorm(0, 1, false), "groups must be at least 1, not 0");
        refused(() -> new GroupNormGradient(new GroupNorm(-3, 1, false)), "not -3");
        refused(() -> new AdamStep(1, 0.9, 1e-8, 0, false), "below 1");
        refused(() -> new AdaptiveStep(AdaptiveStep.Rule.NADAM, 0, 1, 0.9, 0, 0, false), "nadam: beta1 must be at least 0 and below 1");
        refused(() -> new AdaptiveStep(AdaptiveStep.Rule.ADADELTA, 0, 1.5, 0, 0, 0, false), "adadelta: the decay of the squares");
        refused(() -> new AdaptiveStep(AdaptiveStep.Rule.RPROP, 0, 0.5, 0.9, 0, 1, false), "rprop: needs a factor");
        refused(() -> new AdaptiveStep(AdaptiveStep.Rule.ADAGRAD, 0, 0, 0, Double.NaN, 0, false), "adagrad: eps");
        refused(() -> new LambStep(0.9, 1, 0, 0), "lamb: beta2");
        refused(() -> new ClipStep(ClipStep.Kind.NORM, -1), "clip: limit");
        refused(() -> new SgdStep(0, 0, 0, true), "nesterov");
        refused(() -> new SgdStep(0.9, 0.1, 0, true), "nesterov");
        refused(() -> new SgdStep(0.9, Double.NaN, 0, false), "dampening");
        refused(() -> new Hinge(Reduction.MEAN, 3, 1, true), "p must be 1 or 2, not 3");
        refused(() -> new Hinge(Reduction.MEAN, 1, Double.NaN, true), "margin");
        refused(() -> new RandomFill(RandomFill.Kind.UNIFORM, 2, 1, 1, f(1)), "empty");
        refused(() -> new RandomFill(RandomFill.Kind.UNIFORM, -Double.MAX_VALUE, Double.MAX_VALUE, 1, f(1)), "too wide");
        refused(() -> new RandomFill(RandomFill.Kind.UNIFORM, 0, 1, 1, i(1)), "F32 or F64");
        refused(() -> new Unary(Unary.Kind.AFFINE, Double.NaN, 0), "finite");
        refused(() -> new Activation(Activation.Kind.ELU, Double.NaN), "finite");
        refused(() -> new BatchNormInfer(0, new Activation(Activation.Kind.TANH, 0)), "IDENTITY or RELU, not TANH");
        refused(() -> new Slice(0, -1, 1, 1), "start must be at least 0");
        refused(() -> new Slice(0, 0, 0, 1), "length 0");
        refused(() -> new Slice(0, 0, 1, 0), "step 0");
        refused(() -> new SliceGradient(3, 0, 1, Shape.of(2)), "dimension 3");
        refused(() -> new Pad(new long[] {1}, new long[] {1, 2}, 0), "same length");
        refused(() -> new Cast(DType.I64), "I64");
        refused(() -> new Fill(l(1), 0), "fill");
        refused(() -> new Fill(i(1), 1e10), "fill");
        refused(() -> Reshape.of(f(2, 3), -1, -1), "only one size may be -1");
        refused(() -> Reshape.of(f(2, 3), 4, -1), "6 elements cannot be divided by 4");
        refused(() -> Reshape.of(f(2, 3), 7), "6 elements do not fit");
        refused(() -> Reshape.of(f(2, 3), 0, -1), "at least 1");
        refused(() -> Reshape.of(f(2, 3), -2, 3), "at least 1");
        refused(() -> Reshape.of(f(2, 3), Long.MAX_VALUE, Long.MAX_VALUE), "2^40");
    }

    private static void refused(Supplier<Object> make, String... parts) {
        assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void nullsAreNamed() {
        Tensor x = Tensor.zeros(1, 1, 3, 3);
        for (Supplier<Object> make : Arrays.<Supplier<Object>>asList(() -> new Conv2d(null, 1), () -> new Conv2d(W3, 1, null), () -> new MaxPool2d(null, true),
                () -> new AvgPool2d(null, true, true), () -> new BatchNorm(0, 0, null), () -> new CrossEntropy(null), () -> new Mse(null),
                () -> new Bce(null, true, true), () -> new Hinge(null, 1, 1, true), () -> new CrossEntropyGradient(null), () -> new RandomFill(null, 0, 1, 2, f(1)),
                () -> new RandomFill(RandomFill.Kind.NORMAL, 0, 1, 2, null), () -> new Reduce(null, List.of(), true), () -> new Reshape(null), () -> new Cast(null),
                () -> new BroadcastTo(null), () -> new Fill(null, 1), () -> new Activation(null, 0), () -> new Unary(null, 0, 0), () -> new Binary(null, Broadcast.NO),
                () -> new Binary(Binary.Kind.ADD, null), () -> new Gemm(true, true, null), () -> new Convert(null), () -> new UnaryGradient(null), () -> new GroupNormGradient(null),
                () -> x.add((Tensor) null), () -> x.conv2d(null, null, W3, 1), () -> x.crossEntropy(null), () -> x.mseLoss(null), () -> x.dropout(0.5, 1, null),
                () -> Tensor.concat(0, x, null), () -> x.add(x, null), () -> Ops.apply(new Copy(), (Tensor) null), () -> x.maxPool2d(null), () -> x.cast(null))) {
            assertThatThrownBy(make::get).isInstanceOf(NullPointerException.class).satisfies(e -> assertThat(e.getMessage()).isNotBlank());
        }
    }

    @Test
    void closedTensorsAreRefused() {
        Scope scope = Scope.open();
        Tensor x = Tensor.zeros(1, 1, 3, 3);
        scope.close();
        assertThatThrownBy(() -> x.conv2d(x, null, W3, 1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThatThrownBy(() -> x.maxPool2d(W3)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThatThrownBy(x::flatten).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    @Test
    void badLabelsAreFoundWhenTheOperationRuns() {
        Tensor x = Tensor.zeros(3, 4);
        for (int[] labels : new int[][] {{0, 4, 1}, {-1, 0, 0}, {0, 0, Integer.MAX_VALUE}, {0, Integer.MIN_VALUE, 0}}) {
            Tensor t = Tensor.of(labels, 3);
            assertThatThrownBy(() -> x.crossEntropy(t)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cross_entropy(f32[3, 4], i32[3])");
            assertThatThrownBy(() -> Ops.apply(HINGE, x, t)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("hinge(f32[3, 4], i32[3])");
            assertThatThrownBy(() -> Ops.apply(new CrossEntropyGradient(CE), x, t, Tensor.scalar(1))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Ops.apply(new HingeGradient(HINGE), x, t, Tensor.zeros(3))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Ops.applyAll(new CrossEntropy(Reduction.SUM, 0, -1), x, Tensor.of(new int[] {-1, -1, -1}, 3))[0].item()).isZero();
        assertThat(x.crossEntropy(Tensor.of(new int[] {-100, -100, -100}, 3)).item()).isNaN();
    }
}
