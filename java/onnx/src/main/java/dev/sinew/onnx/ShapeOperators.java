package dev.sinew.onnx;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Constants, and elements put into other places and shapes. */
final class ShapeOperators {
    private ShapeOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Constant", ShapeOperators::constant);
        operators.put("ConstantOfShape", ShapeOperators::constantOfShape);
        operators.put("Shape", ShapeOperators::shape);
        operators.put("Size", node -> List.of(Value.longs(new long[] {node.in(0).count()})));
        operators.put("Range", ShapeOperators::range);
        operators.put("EyeLike", ShapeOperators::eyeLike);
        operators.put("Reshape", ShapeOperators::reshape);
        operators.put("Flatten", ShapeOperators::flatten);
        operators.put("Squeeze", ShapeOperators::squeeze);
        operators.put("Unsqueeze", ShapeOperators::unsqueeze);
        operators.put("Transpose", ShapeOperators::transpose);
        operators.put("Concat", ShapeOperators::concat);
        operators.put("Split", ShapeOperators::split);
        operators.put("Expand", ShapeOperators::expand);
        operators.put("Tile", ShapeOperators::tile);
        operators.put("Trilu", ShapeOperators::triangle);
        operators.put("DepthToSpace", ShapeOperators::depthToSpace);
        operators.put("SpaceToDepth", ShapeOperators::spaceToDepth);
        operators.put("Dropout", ShapeOperators::dropout);
    }

    // ---- constants ----

    private static List<Value> constant(OnnxNode node) {
        if (node.hasAttr("value")) {
            return List.of(Protos.read(node.tensor("value"), node.trace().folder()));
        }
        if (node.hasAttr("value_float") || node.hasAttr("value_floats")) {
            double[] many = node.numbers("value_floats");
            return List.of(many == null ? Value.doubles(ElementType.FLOAT, new double[] {node.attr("value_float", 0.0)})
                    : Value.doubles(ElementType.FLOAT, many, many.length));
        }
        if (node.hasAttr("value_int") || node.hasAttr("value_ints")) {
            long[] many = node.attrs("value_ints");
            return List.of(many == null ? Value.longs(new long[] {node.attr("value_int", 0L)}) : Value.longs(many, many.length));
        }
        throw node.unsupported("a constant that is no dense tensor of numbers");
    }

    private static List<Value> constantOfShape(OnnxNode node) {
        long[] dims = node.longs(0);
        Value value = node.hasAttr("value") ? Protos.read(node.tensor("value"), node.trace().folder())
                : Value.doubles(ElementType.FLOAT, new double[1], 1);
        if (value.count() != 1) {
            throw node.error("the value must have one element");
        }
        node.checkConstant(dims);
        for (long dim : dims) {
            if (dim == 0) {
                return List.of(Value.empty(value.type(), dims));
            }
        }
        return List.of(Value.of(value.type(), Tensor.full(value.type().carrier(), Shape.of(dims), value.toDoubles()[0])));
    }

    private static List<Value> shape(OnnxNode node) {
        long[] dims = node.in(0).dims();
        int from = clamp(node.attr("start", 0L), dims.length);
        int to = clamp(node.attr("end", (long) dims.length), dims.length);
        long[] part = from < to ? Arrays.copyOfRange(dims, from, to) : new long[0];
        return List.of(Value.longs(part, part.length));
    }

    private static int clamp(long index, int length) {
        return Math.clamp(index < 0 ? index + length : index, 0, length);
    }

    private static List<Value> range(OnnxNode node) {
        double start = node.number(0);
        double limit = node.number(1);
        double delta = node.number(2);
        if (delta == 0) {
            throw node.error("the step is 0");
        }
        double count = Math.max(0, Math.ceil((limit - start) / delta));
        node.checkConstant((long) count);
        double[] values = new double[(int) count];
        Arrays.setAll(values, i -> start + i * delta);
        return List.of(Value.doubles(node.in(0).type(), values, values.length));
    }

    private static List<Value> eyeLike(OnnxNode node) {
        Value x = node.in(0);
        if (x.rank() != 2) {
            throw node.error("needs a matrix");
        }
        ElementType type = node.hasAttr("dtype") ? ElementType.of((int) node.attr("dtype", 0L), node.toString()) : x.type();
        long k = node.attr("k", 0L);
        double[] values = new double[Math.toIntExact(x.count())];
        for (long row = 0; row < x.dims()[0]; row++) {
            if (row + k >= 0 && row + k < x.dims()[1]) {
                values[(int) (row * x.dims()[1] + row + k)] = 1;
            }
        }
        return List.of(Value.doubles(type, values, x.dims()));
    }

    // ---- other shapes ----

    /** The same elements in another shape. */
    static Value reshaped(OnnxNode node, Value x, long... dims) {
        if (x.isEmpty()) {
            Value y = Value.empty(x.type(), dims);
            if (y.count() != 0) {
                throw node.error("no elements do not fit into shape " + Arrays.toString(dims));
            }
            return y;
        }
        return Value.of(x.type(), x.tensor().reshape(dims));
    }

    private static List<Value> reshape(OnnxNode node) {
        Value x = node.in(0);
        long[] dims = node.opset() < 5 ? node.attrs("shape", new long[0]) : node.longs(1);
        boolean zeros = node.flag("allowzero", false);
        long known = 1;
        int open = -1;
        for (int d = 0; d < dims.length; d++) {
            if (dims[d] == 0 && !zeros) {
                if (d >= x.rank()) {
                    throw node.error("size 0 of dimension " + d + " means that of the input, which has none");
                }
                dims[d] = x.dims()[d];
            }
            if (dims[d] == -1 && open >= 0) {
                throw node.error("only one size may be -1");
            }
            open = dims[d] == -1 ? d : open;
            known *= dims[d] == -1 ? 1 : dims[d];
        }
        if (open >= 0 && x.isEmpty()) {
            if (known == 0) {
                throw node.error("a size of -1 beside one of 0 is not determined");
            }
            dims[open] = 0;
        }
        return List.of(reshaped(node, x, dims));
    }

    private static List<Value> flatten(OnnxNode node) {
        Value x = node.in(0);
        long axis = node.attr("axis", 1L);
        int from = axis == x.rank() ? x.rank() : node.axis(axis, x.rank());
        long rows = 1;
        long cols = 1;
        for (int d = 0; d < x.rank(); d++) {
            rows *= d < from ? x.dims()[d] : 1;
            cols *= d < from ? 1 : x.dims()[d];
        }
        return List.of(reshaped(node, x, rows, cols));
    }

    private static List<Value> squeeze(OnnxNode node) {
        Value x = node.in(0);
        long[] axes = node.opset() < 13 ? node.attrs("axes") : node.has(1) ? node.longs(1) : null;
        boolean[] gone = new boolean[x.rank()];
        if (axes == null) {
            for (int d = 0; d < gone.length; d++) {
                gone[d] = x.dims()[d] == 1;
            }
        } else {
            for (long axis : axes) {
                gone[node.axis(axis, x.rank())] = true;
            }
        }
        List<Long> dims = new ArrayList<>();
        for (int d = 0; d < gone.length; d++) {
            if (!gone[d]) {
                dims.add(x.dims()[d]);
            } else if (x.dims()[d] != 1) {
                throw node.error("dimension " + d + " has not size 1");
            }
        }
        return List.of(reshaped(node, x, dims.stream().mapToLong(Long::longValue).toArray()));
    }

    private static List<Value> unsqueeze(OnnxNode node) {
        Value x = node.in(0);
        long[] axes = node.opset() < 13 ? node.attrs("axes", new long[0]) : node.longs(1);
        int rank = x.rank() + axes.length;
        long[] dims = new long[rank];
        Arrays.fill(dims, -1);
        for (long axis : axes) {
            int d = node.axis(axis, rank);
            if (dims[d] == 1) {
                throw node.error("axis " + axis + " is given twice");
            }
            dims[d] = 1;
        }
        int from = 0;
        for (int d = 0; d < rank; d++) {
            dims[d] = dims[d] == 1 ? 1 : x.dims()[from++];
        }
        return List.of(reshaped(node, x, dims));
    }

    private static List<Value> transpose(OnnxNode node) {
        Value x = node.in(0);
        long[] order = node.attrs("perm");
        if (order == null) {
            order = new long[x.rank()];
            Arrays.setAll(order, i -> x.rank() - 1 - i);
        }
        int[] dims = Arrays.stream(order).mapToInt(Math::toIntExact).toArray();
        if (x.isEmpty()) {
            return List.of(Value.empty(x.type(), Arrays.stream(dims).mapToLong(d -> x.dims()[d]).toArray()));
        }
        return List.of(dims.length == 0 ? x : Value.of(x.type(), Compose.permute(x.tensor(), dims)));
    }

    private static List<Value> concat(OnnxNode node) {
        int axis = node.axis("axis", 1, node.in(0).rank());
        List<Tensor> parts = new ArrayList<>();
        Value first = node.in(0);
        for (int i = 0; i < node.inputs(); i++) {
            if (!node.in(i).isEmpty()) {
                parts.add(node.x(i));
            }
        }
        if (parts.isEmpty()) {
            long[] dims = first.dims().clone();
            for (int i = 1; i < node.inputs(); i++) {
                dims[axis] += node.in(i).dims()[axis];
            }
            return List.of(Value.empty(first.type(), dims));
        }
        return List.of(Value.of(first.type(), parts.size() == 1 ? parts.getFirst() : Tensor.concat(axis, parts.toArray(Tensor[]::new))));
    }

    private static List<Value> split(OnnxNode node) {
        Value x = node.in(0);
        int axis = node.axis("axis", 0, x.rank());
        long[] sizes = node.opset() < 13 ? node.attrs("split") : node.has(1) ? node.longs(1) : null;
        long size = x.dims()[axis];
        if (sizes == null) {
            long parts = node.attr("num_outputs", (long) node.outputs());
            long each = (size + parts - 1) / parts;
            sizes = new long[(int) parts];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = Math.clamp(size - i * each, 0, each);
            }
        }
        if (Arrays.stream(sizes).sum() != size || Arrays.stream(sizes).anyMatch(part -> part < 0)) {
            throw node.error("parts of " + Arrays.toString(sizes) + " do not make size " + size + " of dimension " + axis);
        }
        List<Value> parts = new ArrayList<>();
        long from = 0;
        for (long part : sizes) {
            long[] dims = x.dims().clone();
            dims[axis] = part;
            parts.add(part == 0 || x.isEmpty() ? Value.empty(x.type(), dims) : Value.of(x.type(), x.tensor().slice(axis, from, part)));
            from += part;
        }
        return parts;
    }

    private static List<Value> expand(OnnxNode node) {
        Value x = node.in(0);
        Value wanted = Value.empty(x.type(), node.longs(1));
        long[] dims = ElementwiseOperators.emptyResult(node, x.type(), x, wanted).dims();
        node.checkConstant(x.isKnown() ? dims : new long[0]);
        return List.of(x.isEmpty() || Arrays.stream(dims).anyMatch(d -> d == 0) ? Value.empty(x.type(), dims)
                : Value.of(x.type(), node.x(0).broadcastTo(dims)));
    }

    private static List<Value> tile(OnnxNode node) {
        Value x = node.in(0);
        long[] times = node.longs(1);
        if (times.length != x.rank()) {
            throw node.error("needs a number for each dimension, not " + Arrays.toString(times));
        }
        long[] dims = new long[times.length];
        Arrays.setAll(dims, d -> times[d] * x.dims()[d]);
        node.checkConstant(dims);
        if (x.isEmpty() || Arrays.stream(dims).anyMatch(d -> d == 0)) {
            return List.of(Value.empty(x.type(), dims));
        }
        Tensor y = node.x(0);
        for (int d = 0; d < times.length; d++) {
            if (times[d] > 1) {
                Tensor[] copies = new Tensor[Math.toIntExact(times[d])];
                Arrays.fill(copies, y);
                y = Tensor.concat(d, copies);
            }
        }
        return List.of(Value.of(x.type(), y));
    }

    private static List<Value> triangle(OnnxNode node) {
        Value x = node.in(0);
        boolean upper = node.flag("upper", true);
        long k = node.has(1) ? node.scalar(1) : 0;
        if (x.isEmpty()) {
            return List.of(x);
        }
        Tensor tensor = node.x(0);
        long rows = x.dim(-2);
        long cols = x.dim(-1);
        double[] mask = new double[Math.toIntExact(rows * cols)];
        for (int i = 0; i < mask.length; i++) {
            long diagonal = i % cols - i / cols;
            mask[i] = (upper ? diagonal >= k : diagonal <= k) ? 1 : 0;
        }
        Tensor keep = Tensor.of(mask, rows, cols).cast(tensor.dtype());
        return List.of(Value.of(x.type(), Compose.where(keep, tensor, Compose.like(tensor, 0))));
    }

    private static List<Value> depthToSpace(OnnxNode node) {
        Value x = node.in(0);
        long b = node.attr("blocksize", 1L);
        long[] d = x.dims();
        boolean columns = node.attr("mode", "DCR").equals("CRD");
        Tensor y = columns ? node.x(0).reshape(d[0], d[1] / (b * b), b, b, d[2], d[3]).permute(0, 1, 4, 2, 5, 3)
                : node.x(0).reshape(d[0], b, b, d[1] / (b * b), d[2], d[3]).permute(0, 3, 4, 1, 5, 2);
        return List.of(Value.of(x.type(), y.reshape(d[0], d[1] / (b * b), d[2] * b, d[3] * b)));
    }

    private static List<Value> spaceToDepth(OnnxNode node) {
        Value x = node.in(0);
        long b = node.attr("blocksize", 1L);
        long[] d = x.dims();
        Tensor y = node.x(0).reshape(d[0], d[1], d[2] / b, b, d[3] / b, b).permute(0, 3, 5, 1, 2, 4);
        return List.of(Value.of(x.type(), y.reshape(d[0], d[1] * b * b, d[2] / b, d[3] / b)));
    }

    /** In inference: nothing is dropped. */
    private static List<Value> dropout(OnnxNode node) {
        Value x = node.in(0);
        node.ignore("seed", "ratio", "is_test");
        if (node.has(2) && node.number(2) != 0 && !(node.has(1) && node.number(1) == 0)) {
            throw node.unsupported("training_mode");
        }
        ElementType type = node.opset() < 10 ? x.type() : ElementType.BOOL;
        return List.of(x, x.isEmpty() ? Value.empty(type, x.dims()) : Value.of(type, Tensor.full(DType.F64, x.shape(), 1)));
    }
}
