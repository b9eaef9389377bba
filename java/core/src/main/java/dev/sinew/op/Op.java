package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.List;

/**
 * One operation: its attributes are the record's components, its shape rule, how it is run and its gradient are the
 * methods. The same definition serves tensors made one by one and compiled plans.
 *
 * <p>Sealed, because an operation hands addresses to native code: operations of one's own are made of these.
 */
public sealed interface Op permits AdamStep, AdaptiveStep, AvgPool2d, AvgPool2dGradient, BatchNormGradient, Bce, BceGradient, Binary,
        Blend, BroadcastTo, Cast, ClipStep, Concat, Conv2dInputGradient, Conv2dPack, Conv2dWeightGradient, Convert, Copy, CrossEntropy,
        CrossEntropyGradient, CtcLoss, CtcLossGradient, Dropout, Fill, Fusable, Gather, GemmPack, GroupNorm, GroupNormGradient, Hinge, HingeGradient, IndexAdd,
        IndexSelect, LambStep, MatMul, MaxPool2d, MaxPool2dGradient, Mse, MseGradient, Pad, Permute, PoolGather, PoolScatter, RandomFill,
        Recurrence, RecurrenceGradient, Reduce, Resample, Reshape, ScatterAdd, SgdStep, Slice, SliceGradient, Softmax, SoftmaxGradient,
        Unary, UnaryGradient, WithGradient {
    /** The name in messages and profiles, such as {@code conv2d}. */
    String name();

    /**
     * The shape rule.
     *
     * @param inputs what is known of the inputs, in the layouts that {@link #layout} asked for
     * @return what the outputs will be
     * @throws IllegalArgumentException naming the operation, the shapes and the rule that is broken
     */
    List<Spec> outputs(List<Spec> inputs);

    /** The layout in which input {@code i} must arrive; it is converted where it differs. Default: row-major. */
    default Layout layout(int i, List<Spec> inputs) {
        return Layout.ROW_MAJOR;
    }

    /** Writes the native calls that compute the outputs. */
    void encode(Call call);

    /**
     * The gradient rule: for each input the gradient, made by other operations, or null where {@link Backward#needs}
     * is false or the input has no influence that can be differentiated.
     */
    Tensor[] gradient(Backward context);

    /** Inputs that are overwritten; an operation with some is never dropped from a plan. */
    default int[] mutates() {
        return NONE;
    }

    /** Whether output 0 is the same memory as input 0 (such as a reshape): then nothing is encoded. */
    default boolean isView(List<Spec> inputs) {
        return false;
    }

    /** Whether output 0 may take the memory of input {@code i} when nobody needs that any more. */
    default boolean inPlace(int i) {
        return false;
    }

    /** Floating-point operations for these inputs, a multiply-add counting as two; 0 where they do not matter. */
    default long flops(List<Spec> inputs) {
        return 0;
    }

    /** No inputs. */
    int[] NONE = {};
}
