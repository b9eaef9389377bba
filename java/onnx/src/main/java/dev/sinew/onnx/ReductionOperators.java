package dev.sinew.onnx;

import dev.sinew.Tensor;
import dev.sinew.functional.Einsum;
import dev.sinew.op.MatMul;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduce;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.function.BiFunction;

/** Functions over some dimensions. */
final class ReductionOperators {
    private ReductionOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Einsum", ReductionOperators::einsum);
        put(operators, "ReduceSum", ReductionOperators::sum);
        put(operators, "ReduceMean", (x, dims) -> reduce(Reduce.Kind.MEAN, x, dims));
        put(operators, "ReduceMax", (x, dims) -> reduce(Reduce.Kind.MAX, x, dims));
        put(operators, "ReduceMin", (x, dims) -> reduce(Reduce.Kind.MAX, x.neg(), dims).neg());
        put(operators, "ReduceProd", ReductionOperators::product);
        put(operators, "ReduceL1", (x, dims) -> sum(x.abs(), dims));
        put(operators, "ReduceL2", (x, dims) -> sum(x.square(), dims).sqrt());
        put(operators, "ReduceSumSquare", (x, dims) -> sum(x.square(), dims));
        put(operators, "ReduceLogSum", (x, dims) -> sum(x, dims).log());
        put(operators, "ReduceLogSumExp", ReductionOperators::logSumExp);
        operators.put("ArgMax", node -> arg(node, 1));
        operators.put("ArgMin", node -> arg(node, -1));
        operators.put("CumSum", ReductionOperators::cumulative);
        operators.put("Softmax", node -> softmax(node, Tensor::softmax));
        operators.put("LogSoftmax", node -> softmax(node, Tensor::logSoftmax));
        operators.put("Hardmax", node -> softmax(node, ReductionOperators::hardmax));
    }

    private static List<Value> einsum(OnnxNode node) {
        Tensor[] x = IntStream.range(0, node.inputs()).mapToObj(node::x).toArray(Tensor[]::new);
        try {
            return List.of(Value.of(node.in(0).type(), Einsum.of(node.attr("equation", ""), x)));
        } catch (IllegalArgumentException e) {
            throw node.error(e.getMessage());
        }
    }

    private static void put(Map<String, Operator> operators, String name, BiFunction<Tensor, List<Integer>, Tensor> function) {
        operators.put(name, node -> reduce(node, function));
    }

    /** The dimensions stay, with size 1. */
    static Tensor reduce(Reduce.Kind kind, Tensor x, List<Integer> dims) {
        return Ops.apply(new Reduce(kind, dims, true), x);
    }

    static Tensor sum(Tensor x, List<Integer> dims) {
        return reduce(Reduce.Kind.SUM, x, dims);
    }

    private static Tensor logSumExp(Tensor x, List<Integer> dims) {
        Tensor most = reduce(Reduce.Kind.MAX, x, dims);
        return sum(x.sub(most, dev.sinew.Broadcast.YES).exp(), dims).log().add(most);
    }

    private static Tensor product(Tensor x, List<Integer> dims) {
        Tensor y = x;
        for (int dim : dims) {
            y = Compose.overDim(y, dim, t -> {
                long[] sizes = t.shape().dims();
                sizes[sizes.length - 1] = 1;
                return Compose.product(t).reshape(sizes);
            });
        }
        return y;
    }

    private static List<Value> reduce(OnnxNode node, BiFunction<Tensor, List<Integer>, Tensor> function) {
        Value x = node.in(0);
        long[] axes = node.attrs("axes");
        if (axes == null && node.has(1)) {
            axes = node.longs(1);
        }
        boolean keep = node.flag("keepdims", true);
        boolean nothing = node.flag("noop_with_empty_axes", false);
        if (axes == null || axes.length == 0) {
            if (nothing) {
                return List.of(x);
            }
            axes = new long[x.rank()];
            Arrays.setAll(axes, i -> i);
        }
        Tensor tensor = node.x(0);
        if (axes.length == 0) {
            // of a scalar: a function of one element
            return List.of(Value.of(x.type(), function.apply(tensor.reshape(1), List.of(0)).reshape()));
        }
        List<Integer> dims = new ArrayList<>();
        long[] kept = new long[x.rank()];
        Arrays.fill(kept, 1);
        for (long axis : axes) {
            dims.add(node.axis(axis, x.rank()));
            kept[dims.getLast()] = 0;
        }
        Tensor y = function.apply(tensor, dims);
        if (!keep) {
            long[] sizes = y.shape().dims();
            y = y.reshape(Arrays.stream(range(sizes.length)).filter(d -> kept[d] == 1).mapToLong(d -> sizes[d]).toArray());
        }
        boolean mean = x.type().isInteger() && node.op().equals("ReduceMean");
        return List.of(Value.of(x.type(), mean ? Compose.trunc(y) : y));
    }

    static int[] range(int n) {
        int[] numbers = new int[n];
        Arrays.setAll(numbers, i -> i);
        return numbers;
    }

    private static List<Value> arg(OnnxNode node, int sign) {
        Value x = node.in(0);
        int axis = node.axis("axis", 0, x.rank());
        boolean last = node.flag("select_last_index", false);
        boolean keep = node.flag("keepdims", true);
        Tensor tensor = sign < 0 ? node.x(0).neg() : node.x(0);
        tensor = last ? Compose.reverse(tensor, axis) : tensor;
        Tensor place = Ops.apply(new Reduce(Reduce.Kind.ARGMAX, List.of(axis), keep), tensor).cast(ElementType.INT64.carrier());
        return List.of(Value.of(ElementType.INT64, last ? place.neg().add(x.dims()[axis] - 1) : place));
    }

    private static List<Value> cumulative(OnnxNode node) {
        Value x = node.in(0);
        int axis = node.axis(node.scalar(1), x.rank());
        int n = Math.toIntExact(x.dims()[axis]);
        boolean exclusive = node.flag("exclusive", false);
        boolean reverse = node.flag("reverse", false);
        double[] sums = new double[n * n];
        for (int from = 0; from < n; from++) {
            for (int to = 0; to < n; to++) {
                boolean before = reverse ? from > to : from < to;
                sums[from * n + to] = before || from == to && !exclusive ? 1 : 0;
            }
        }
        Tensor tensor = node.x(0);
        Tensor matrix = Tensor.of(sums, n, n).cast(tensor.dtype());
        return List.of(Value.of(x.type(), Compose.overDim(tensor, axis, t -> MatMul.of(t, matrix))));
    }

    private static List<Value> softmax(OnnxNode node, java.util.function.UnaryOperator<Tensor> function) {
        Value x = node.in(0);
        Tensor tensor = node.x(0);
        if (node.opset() >= 13) {
            int axis = node.axis("axis", -1, x.rank());
            return List.of(Value.of(x.type(), Compose.overDim(tensor, axis, function)));
        }
        // over all dimensions from the axis on
        int axis = node.axis("axis", 1, x.rank());
        long rows = Arrays.stream(x.dims(), 0, axis).reduce(1, (a, b) -> a * b);
        return List.of(Value.of(x.type(), function.apply(tensor.reshape(rows, -1)).reshape(x.dims())));
    }

    /** 1 at the first largest element of the last dimension, 0 elsewhere. */
    private static Tensor hardmax(Tensor x) {
        int rank = x.shape().rank();
        Tensor place = Ops.apply(new Reduce(Reduce.Kind.ARGMAX, List.of(rank - 1), true), x).cast(x.dtype());
        return Compose.equal(place, Compose.iota(x.dtype(), x.shape().dim(-1), rank - 1, rank));
    }
}
