package dev.sinew;

import dev.sinew.graph.Graph;
import dev.sinew.graph.Node;
import dev.sinew.internal.Buffer;
import dev.sinew.internal.Owner;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.BroadcastTo;
import dev.sinew.op.Cast;
import dev.sinew.op.Concat;
import dev.sinew.op.Conv2d;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.Dropout;
import dev.sinew.op.MatMul;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Mse;
import dev.sinew.op.Ops;
import dev.sinew.op.Pad;
import dev.sinew.op.Permute;
import dev.sinew.op.RandomFill;
import dev.sinew.op.Reduce;
import dev.sinew.op.Reduction;
import dev.sinew.op.Reshape;
import dev.sinew.op.Slice;
import dev.sinew.op.Softmax;
import dev.sinew.op.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A dense array of numbers outside the Java heap, or a symbol for one in a {@link Graph}.
 *
 * <p>Operations give new tensors; they belong to the innermost open {@link Scope}, or to the garbage collector when there
 * is none. Applied to symbolic tensors they extend the graph instead of computing. Elements are read and written in
 * logical row-major order (N, C, H, W), whatever the {@link Layout}.
 */
public final class Tensor implements Elementwise {
    private final Spec spec;
    private final Buffer buffer;
    private final long byteOffset;
    private Node node;
    private int outputIndex;

    /**
     * A view of a buffer; a symbol when that is null.
     *
     * @hidden
     */
    public Tensor(Spec spec, Buffer buffer, long byteOffset) {
        if (buffer != null && (byteOffset < 0 || byteOffset > buffer.memory().byteSize() - spec.bytes())) {
            throw new IndexOutOfBoundsException("a tensor " + spec + " at byte " + byteOffset + " of " + buffer.memory().byteSize());
        }
        this.spec = spec;
        this.buffer = buffer;
        this.byteOffset = byteOffset;
    }

    // ---- making ----

    /** A float32 tensor of the given values, in row-major order. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = allocate(DType.F32, values.length, shape);
        MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
        return tensor;
    }

    /** A float64 tensor of the given values, in row-major order. */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = allocate(DType.F64, values.length, shape);
        MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_DOUBLE, 0, values.length);
        return tensor;
    }

    /** An int32 tensor of the given values, in row-major order. */
    public static Tensor of(int[] values, long... shape) {
        Tensor tensor = allocate(DType.I32, values.length, shape);
        MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_INT, 0, values.length);
        return tensor;
    }

    /** An int64 tensor of the given values, in row-major order. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = allocate(DType.I64, values.length, shape);
        MemorySegment.copy(values, 0, tensor.segment(), ValueLayout.JAVA_LONG, 0, values.length);
        return tensor;
    }

    private static Tensor allocate(DType dtype, int count, long... shape) {
        Shape s = Shape.of(shape);
        if (s.count() != count) {
            throw new IllegalArgumentException("shape " + s + " has " + s.count() + " elements, the array has " + count);
        }
        return empty(dtype, s);
    }

    /** A float32 tensor of zeros. */
    public static Tensor zeros(long... shape) {
        return full(DType.F32, Shape.of(shape), 0);
    }

    /** A tensor with every element equal to {@code value}, rounded to the type. */
    public static Tensor full(DType dtype, Shape shape, double value) {
        Tensor tensor = empty(dtype, shape);
        tensor.fill(value);
        return tensor;
    }

    /** A float32 scalar. */
    public static Tensor scalar(double value) {
        return full(DType.F32, Shape.scalar(), value);
    }

    /** A float32 tensor of numbers evenly distributed in [a, b). The same seed gives the same numbers. */
    public static Tensor uniform(Shape shape, double a, double b, long seed) {
        return random(RandomFill.Kind.UNIFORM, shape, a, b, seed);
    }

    /** A float32 tensor of normally distributed numbers. The same seed gives the same numbers. */
    public static Tensor normal(Shape shape, double mean, double deviation, long seed) {
        return random(RandomFill.Kind.NORMAL, shape, mean, deviation, seed);
    }

    private static Tensor random(RandomFill.Kind kind, Shape shape, double a, double b, long seed) {
        return Ops.apply(new RandomFill(kind, a, b, seed, Spec.of(DType.F32, shape)), full(DType.I64, Shape.scalar(), 0));
    }

    /** A row-major tensor whose elements are not set to anything yet. */
    public static Tensor empty(DType dtype, Shape shape) {
        return empty(Spec.of(dtype, shape));
    }

    /** A tensor whose elements are not set to anything yet. */
    public static Tensor empty(Spec spec) {
        return in(Scope.currentOwner(), spec);
    }

    /**
     * A tensor in somebody's memory.
     *
     * @hidden
     */
    public static Tensor in(Owner owner, Spec spec) {
        return new Tensor(spec, Buffer.allocate(owner, spec.bytes()), 0);
    }

    // ---- what it is ----

    /** Type, shape and layout. */
    public Spec spec() {
        return spec;
    }

    /** The element type. */
    public DType dtype() {
        return spec.dtype();
    }

    /** The logical shape. */
    public Shape shape() {
        return spec.shape();
    }

    /** Whether this stands for a value that a {@link dev.sinew.graph.Plan} will compute. */
    public boolean isSymbolic() {
        return buffer == null;
    }

    /** The graph of a symbolic tensor, else null. */
    public Graph graph() {
        return buffer == null && node != null ? node.graph() : null;
    }

    /** How it came about; null for tensors made from values, or outside a scope. */
    public Node node() {
        return node;
    }

    /** Which of the node's outputs it is. */
    public int outputIndex() {
        return outputIndex;
    }

    /**
     * Says by what it came about.
     *
     * @hidden for the library's own packages
     */
    public void producedBy(Node producer, int index) {
        node = producer;
        outputIndex = index;
    }

    /**
     * Its memory.
     *
     * @hidden for the library's own packages
     */
    public Buffer buffer() {
        return buffer;
    }

    /**
     * Where in its memory it begins.
     *
     * @hidden for the library's own packages
     */
    public long byteOffset() {
        return byteOffset;
    }

    /**
     * Where it begins, as C sees it.
     *
     * @hidden for the library's own packages
     */
    public long address() {
        return values("address").buffer.address() + byteOffset;
    }

    private MemorySegment segment() {
        return buffer.memory().asSlice(byteOffset, spec.bytes());
    }

    private Elements elements() {
        return new Elements(spec, segment());
    }

    private Tensor values(String what) {
        if (buffer == null) {
            throw new IllegalStateException(what + ": the tensor " + spec + " is symbolic, it has no values");
        }
        return this;
    }

    /** Runs something on the memory while it cannot be freed. */
    private <T> T held(String what, Supplier<T> action) {
        values(what);
        buffer.owner().acquire(what + " of " + spec);
        try {
            return action.get();
        } finally {
            buffer.owner().release();
        }
    }

    // ---- reading and writing ----

    /** The value of a tensor with one element. Allocates nothing. */
    public double item() {
        if (shape().count() != 1) {
            throw new IllegalArgumentException("item: needs one element, the tensor is " + spec);
        }
        return item(0);
    }

    /** Element i in the order of memory, for tensors whose layout is row-major. Allocates nothing. */
    public double item(long i) {
        if (i < 0 || i >= shape().count() || !Elements.inLogicalOrder(spec)) {
            throw new IndexOutOfBoundsException("item: " + i + " is no index into the row-major elements of " + spec + " " + spec.layout());
        }
        values("item");
        buffer.owner().acquire("item");
        try {
            return Elements.get(spec, buffer.memory(), byteOffset, i);
        } finally {
            buffer.owner().release();
        }
    }

    /** One element. */
    public double get(long... index) {
        if (index.length != shape().rank()) {
            throw new IllegalArgumentException("get: " + Arrays.toString(index) + " is no index into " + spec);
        }
        long[] strides = spec.strides();
        long position = 0;
        for (int d = 0; d < index.length; d++) {
            if (index[d] < 0 || index[d] >= shape().dim(d)) {
                throw new IndexOutOfBoundsException("get: index " + Arrays.toString(index) + " is outside " + spec);
            }
            position += index[d] * strides[d];
        }
        long at = position;
        return held("get", () -> elements().get(at));
    }

    /** The elements as floats, in logical order. */
    public float[] toFloats() {
        return held("toFloats", () -> elements().toFloats());
    }

    /** The elements as doubles, in logical order. */
    public double[] toDoubles() {
        return held("toDoubles", () -> elements().toDoubles());
    }

    /** The elements of an int32 or int64 tensor, in logical order; floating-point ones are truncated. */
    public int[] toInts() {
        return held("toInts", () -> elements().toInts());
    }

    /** Overwrites the elements, given in logical order; the type must be float32. */
    public Tensor copyFrom(float[] values) {
        requireForCopy(DType.F32, values.length);
        return overwritten("copyFrom", () -> elements().write(values));
    }

    /** Overwrites the elements, given in logical order; the type must be int32. */
    public Tensor copyFrom(int[] values) {
        requireForCopy(DType.I32, values.length);
        return overwritten("copyFrom", () -> elements().write(values));
    }

    /** Overwrites the elements with those of a tensor with values, of the same type and shape. */
    public Tensor copyFrom(Tensor source) {
        values("copyFrom");
        source.values("copyFrom");
        if (source.dtype() != dtype() || !source.shape().equals(shape())) {
            throw new IllegalArgumentException("copyFrom: " + source.spec + " cannot be copied into " + spec);
        }
        return source.held("copyFrom", () -> overwritten("copyFrom", () -> elements().write(source.elements())));
    }

    private Tensor overwritten(String what, Runnable writing) {
        return held(what, () -> {
            writing.run();
            buffer.touch();
            return this;
        });
    }

    /** Sets the value of a tensor with one element. Allocates nothing. */
    public void set(double value) {
        if (shape().count() != 1) {
            throw new IllegalArgumentException("set: needs one element, the tensor is " + spec);
        }
        values("set");
        buffer.owner().acquire("set");
        try {
            Elements.set(spec, buffer.memory(), byteOffset, 0, value);
            buffer.touch();
        } finally {
            buffer.owner().release();
        }
    }

    /** Sets every element, rounded to the type. */
    public Tensor fill(double value) {
        return overwritten("fill", () -> elements().fill(value));
    }

    /** A copy with memory of its own. Gradients do not flow through it. */
    public Tensor copy() {
        return copyTo(Scope.currentOwner());
    }

    Tensor copyTo(Owner owner) {
        values("copy");
        return Tensor.in(owner, spec).copyFrom(this);
    }

    /** The same memory without its history: gradients do not flow through it. */
    public Tensor detach() {
        return new Tensor(spec, values("detach").buffer, byteOffset);
    }

    private void requireForCopy(DType wanted, int length) {
        values("copyFrom");
        if (dtype() != wanted || shape().count() != length) {
            throw new IllegalArgumentException("copyFrom: " + length + " values of type " + wanted + " cannot be copied into " + spec);
        }
    }

    // ---- matrices, reductions, softmax ----

    /**
     * Matrix product: [m, k] times [k, n]; with vectors the scalar product or matrix times vector; of higher ranks the
     * products of the last two dimensions, where those before them broadcast.
     */
    public Tensor matmul(Tensor other) {
        return MatMul.of(this, Objects.requireNonNull(other, "other"));
    }

    /** The sum over the given dimensions, which vanish; over all when none is given. */
    public Tensor sum(int... dims) {
        return Ops.apply(Reduce.of(Reduce.Kind.SUM, dims), this);
    }

    /** The mean over the given dimensions, which vanish; over all when none is given. */
    public Tensor mean(int... dims) {
        return Ops.apply(Reduce.of(Reduce.Kind.MEAN, dims), this);
    }

    /** The maximum over the given dimensions, which vanish; over all when none is given. Equals share the gradient. */
    public Tensor max(int... dims) {
        return Ops.apply(Reduce.of(Reduce.Kind.MAX, dims), this);
    }

    /** The index (int32) of the first largest element along one dimension, which vanishes. */
    public Tensor argmax(int dim) {
        return Ops.apply(Reduce.of(Reduce.Kind.ARGMAX, dim), this);
    }

    /** Softmax over the last dimension. */
    public Tensor softmax() {
        return Ops.apply(new Softmax(false), this);
    }

    /** The logarithm of softmax over the last dimension. */
    public Tensor logSoftmax() {
        return Ops.apply(new Softmax(true), this);
    }

    // ---- shape ----

    /** The same elements in another shape; one size may be -1 and follows from the others. */
    public Tensor reshape(long... shape) {
        return Ops.apply(Reshape.of(spec, shape), this);
    }

    /** [N, ...] as [N, product of the others]. */
    public Tensor flatten() {
        return reshape(shape().dim(0), -1);
    }

    /** The dimensions in another order: dimension i of the result is dimension order[i] of this. */
    public Tensor permute(int... order) {
        return Ops.apply(new Permute(order), this);
    }

    /** The transposed matrix. */
    public Tensor transpose() {
        return permute(1, 0);
    }

    /** Elements start, start + 1, ... start + length - 1 of dimension {@code dim}. */
    public Tensor slice(int dim, long start, long length) {
        return slice(dim, start, length, 1);
    }

    /** Elements start, start + step, ... ({@code length} of them) of dimension {@code dim}. */
    public Tensor slice(int dim, long start, long length, long step) {
        return Ops.apply(new Slice(dim, start, length, step), this);
    }

    /** Tensors one after the other along a dimension. */
    public static Tensor concat(int dim, Tensor... tensors) {
        return Ops.apply(new Concat(dim), tensors);
    }

    /** Surrounds the tensor with a constant: before[d] and after[d] elements along each dimension; negative ones crop. */
    public Tensor pad(long[] before, long[] after, double value) {
        return Ops.apply(new Pad(before, after, value), this);
    }

    /** The elements repeated to a larger shape, as {@link Broadcast#YES} would. */
    public Tensor broadcastTo(long... shape) {
        return Ops.apply(new BroadcastTo(Shape.of(shape)), this);
    }

    /** The elements in another floating-point type, or as int32 (truncated). */
    public Tensor cast(DType dtype) {
        return dtype == dtype() ? this : Ops.apply(new Cast(dtype), this);
    }

    // ---- networks, by hand ----

    /** Cross-correlation of this, [N, C, H, W], with a weight [O, C/groups, KH, KW], plus a bias [O] unless that is null. */
    public Tensor conv2d(Tensor weight, Tensor biasOrNull, Window2d window, long groups) {
        return Ops.apply(new Conv2d(window, groups), Ops.present(this, Objects.requireNonNull(weight, "weight"), biasOrNull));
    }

    /** The maximum of each window. The stride is the window's: pass {@code Window2d.of(2).stride(2)} for the usual one. */
    public Tensor maxPool2d(Window2d window) {
        return Ops.applyAll(new MaxPool2d(window, false), this)[0];
    }

    /** The mean of each window, padding counted. */
    public Tensor avgPool2d(Window2d window) {
        return Ops.apply(new AvgPool2d(window, false, true), this);
    }

    /** Elements set to 0 with probability p, the others divided by 1 - p; step is an int64 scalar. */
    public Tensor dropout(double p, long seed, Tensor step) {
        return Ops.apply(new Dropout(p, seed), this, Objects.requireNonNull(step, "step"));
    }

    /** The mean cross-entropy of these logits, [N, K], for labels (int32) [N]. */
    public Tensor crossEntropy(Tensor labels) {
        return Ops.applyAll(new CrossEntropy(Reduction.MEAN), this, Objects.requireNonNull(labels, "labels"))[0];
    }

    /** The mean of (this - target)^2. */
    public Tensor mseLoss(Tensor target) {
        return Ops.apply(new Mse(Reduction.MEAN), this, Objects.requireNonNull(target, "target"));
    }

    /** Type, shape and, for small tensors with values, the elements. */
    @Override
    public String toString() {
        if (buffer == null) {
            return spec + " symbolic";
        }
        if (buffer.owner().isClosed()) {
            return spec + " closed";
        }
        return shape().count() > 32 ? spec.toString() : spec + " " + Arrays.toString(toDoubles());
    }
}
