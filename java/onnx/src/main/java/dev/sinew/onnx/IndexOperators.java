package dev.sinew.onnx;

import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.op.IndexSelect;
import dev.sinew.op.Ops;
import dev.sinew.op.Pad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Elements by their places. */
final class IndexOperators {
    private IndexOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Slice", IndexOperators::slice);
        operators.put("Pad", IndexOperators::pad);
        operators.put("Gather", IndexOperators::gather);
        operators.put("GatherElements", IndexOperators::gatherElements);
        operators.put("GatherND", IndexOperators::gatherNd);
        operators.put("ScatterElements", IndexOperators::scatterElements);
        operators.put("Scatter", IndexOperators::scatterElements);
        operators.put("ScatterND", IndexOperators::scatterNd);
        operators.put("OneHot", IndexOperators::oneHot);
        operators.put("NonZero", IndexOperators::nonZero);
        operators.put("Compress", IndexOperators::compress);
        operators.put("TopK", IndexOperators::topK);
        operators.put("ReverseSequence", IndexOperators::reverseSequence);
    }

    private static List<Value> slice(OnnxNode node) {
        Value x = node.in(0);
        long[] starts = node.opset() < 10 ? node.attrs("starts", new long[0]) : node.longs(1);
        long[] ends = node.opset() < 10 ? node.attrs("ends", new long[0]) : node.longs(2);
        long[] axes = node.opset() < 10 ? node.attrs("axes") : node.has(3) ? node.longs(3) : null;
        long[] steps = node.opset() >= 10 && node.has(4) ? node.longs(4) : null;
        Value y = x;
        for (int i = 0; i < starts.length; i++) {
            int axis = node.axis(axes == null ? i : axes[i], x.rank());
            y = slice(node, y, axis, starts[i], ends[i], steps == null ? 1 : steps[i]);
        }
        return List.of(y);
    }

    private static Value slice(OnnxNode node, Value x, int axis, long start, long end, long step) {
        long size = x.dims()[axis];
        if (step == 0) {
            throw node.error("the step is 0");
        }
        long from = Math.clamp(start < 0 ? start + size : start, step < 0 ? -1 : 0, step < 0 ? size - 1 : size);
        long to = Math.clamp(end < 0 ? end + size : end, step < 0 ? -1 : 0, size);
        long length = step > 0 ? (to - from + step - 1) / step : step == Long.MIN_VALUE ? 1 : (from - to - step - 1) / -step;
        length = step > 0 && to <= from || step < 0 && from <= to ? 0 : Math.clamp(length, 0, size);
        if (length == 0 || x.isEmpty()) {
            long[] dims = x.dims().clone();
            dims[axis] = length;
            return Value.empty(x.type(), dims);
        }
        if (length == 1) {
            return Value.of(x.type(), x.tensor().slice(axis, from, 1));
        }
        if (step > 0) {
            return Value.of(x.type(), x.tensor().slice(axis, from, length, step));
        }
        Tensor forward = x.tensor().slice(axis, from + (length - 1) * step, length, -step);
        return Value.of(x.type(), Compose.reverse(forward, axis));
    }

    private static List<Value> pad(OnnxNode node) {
        Value x = node.in(0);
        String mode = node.attr("mode", "constant");
        long[] pads = node.opset() < 2 ? node.attrs("paddings", new long[0]) : node.opset() < 11 ? node.attrs("pads", new long[0]) : node.longs(1);
        double value = node.opset() < 11 ? node.attr("value", 0.0) : node.has(2) && !node.in(2).isEmpty() ? node.number(2) : 0;
        int rank = x.rank();
        int[] axes = ReductionOperators.range(rank);
        if (node.opset() >= 18 && node.has(3)) {
            axes = Arrays.stream(node.longs(3)).mapToInt(axis -> node.axis(axis, rank)).toArray();
        }
        if (pads.length != 2 * axes.length) {
            throw node.error("needs two widths for each of " + axes.length + " dimensions, not " + Arrays.toString(pads));
        }
        long[] before = new long[rank];
        long[] after = new long[rank];
        for (int i = 0; i < axes.length; i++) {
            before[axes[i]] = pads[i];
            after[axes[i]] = pads[i + axes.length];
        }
        Tensor tensor = node.x(0);
        if (mode.equals("constant")) {
            return List.of(Value.of(x.type(), Ops.apply(new Pad(before, after, value), tensor)));
        }
        for (int d = 0; d < rank; d++) {
            if (before[d] != 0 || after[d] != 0) {
                tensor = Compose.select(tensor, d, mirrored(node, mode, tensor.shape().dim(d), before[d], after[d]));
            }
        }
        return List.of(Value.of(x.type(), tensor));
    }

    private static long[] mirrored(OnnxNode node, String mode, long size, long before, long after) {
        long[] places = new long[Math.toIntExact(before + size + after)];
        for (int i = 0; i < places.length; i++) {
            long at = i - before;
            places[i] = switch (mode) {
                case "edge" -> Math.clamp(at, 0, size - 1);
                case "wrap" -> Math.floorMod(at, size);
                case "reflect" -> {
                    long period = Math.floorMod(at, Math.max(1, 2 * size - 2));
                    yield period < size ? period : 2 * size - 2 - period;
                }
                default -> throw node.unsupported("attribute mode=" + mode);
            };
        }
        return places;
    }

    private static long wrapped(OnnxNode node, long index, long size) {
        long at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            throw node.error("index " + index + " is outside a size of " + size);
        }
        return at;
    }

    private static List<Value> gather(OnnxNode node) {
        Value x = node.in(0);
        int axis = node.axis("axis", 0, x.rank());
        Value places = node.in(1);
        long[] dims = new long[x.rank() - 1 + places.rank()];
        System.arraycopy(x.dims(), 0, dims, 0, axis);
        System.arraycopy(places.dims(), 0, dims, axis, places.rank());
        System.arraycopy(x.dims(), axis + 1, dims, axis + places.rank(), x.rank() - 1 - axis);
        if (places.isEmpty() || x.isEmpty()) {
            return List.of(Value.empty(x.type(), dims));
        }
        long size = x.dims()[axis];
        if (!places.isKnown()) {
            Tensor index = places.carried();
            Tensor negative = Compose.greater(Compose.like(index, 0), index).mul(size);
            return List.of(Value.of(x.type(), Ops.apply(new IndexSelect(axis), node.x(0), index.add(negative).cast(DType.I32))));
        }
        long[] indices = Arrays.stream(node.longs(1)).map(i -> wrapped(node, i, size)).toArray();
        return List.of(Value.of(x.type(), Compose.select(node.x(0), axis, indices).reshape(dims)));
    }

    /** Elements of the whole tensor, as one row, by their places in it. */
    private static Value pick(Value x, Tensor tensor, long[] places, long... dims) {
        return Value.of(x.type(), Compose.select(tensor.reshape(-1), 0, places).reshape(dims));
    }

    private static long[] strides(long... dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= dims[d];
        }
        return strides;
    }

    /** For each index along an axis, the place in x of the element it means: that of the same position elsewhere. */
    private static long[] elementPlaces(OnnxNode node, Value x, Value indices, int axis) {
        long[] own = strides(indices.dims());
        long[] strides = strides(x.dims());
        long[] index = node.trace().known(indices).toLongs();
        long[] places = new long[index.length];
        for (int i = 0; i < index.length; i++) {
            for (int d = 0; d < own.length; d++) {
                long at = d == axis ? wrapped(node, index[i], x.dims()[d]) : i / own[d] % indices.dims()[d];
                places[i] += at * strides[d];
            }
        }
        return places;
    }

    private static List<Value> gatherElements(OnnxNode node) {
        Value x = node.in(0);
        int axis = node.axis("axis", 0, x.rank());
        return List.of(pick(x, node.x(0), elementPlaces(node, x, node.in(1), axis), node.in(1).dims()));
    }

    /** For each tuple of the last dimension of the indices, the place in x where the part it means begins. */
    private static long[] tuplePlaces(OnnxNode node, Value x, Value indices, int batch) {
        long[] index = node.trace().known(indices).toLongs();
        int length = (int) indices.dim(-1);
        if (batch + length > x.rank()) {
            throw node.error("tuples of " + length + " are no indices into rank " + x.rank());
        }
        long[] strides = strides(x.dims());
        long[] places = new long[index.length / length];
        long each = batch == 0 ? 0 : places.length / Arrays.stream(x.dims(), 0, batch).reduce(1, (a, b) -> a * b);
        for (int i = 0; i < places.length; i++) {
            places[i] = batch == 0 ? 0 : i / each * strides[batch - 1];
            for (int k = 0; k < length; k++) {
                places[i] += wrapped(node, index[i * length + k], x.dims()[batch + k]) * strides[batch + k];
            }
        }
        return places;
    }

    private static List<Value> gatherNd(OnnxNode node) {
        Value x = node.in(0);
        Value indices = node.in(1);
        int batch = (int) node.attr("batch_dims", 0L);
        int depth = batch + (int) indices.dim(-1);
        long[] places = tuplePlaces(node, x, indices, batch);
        long part = Arrays.stream(x.dims(), depth, x.rank()).reduce(1, (a, b) -> a * b);
        long[] dims = new long[indices.rank() - 1 + x.rank() - depth];
        System.arraycopy(indices.dims(), 0, dims, 0, indices.rank() - 1);
        System.arraycopy(x.dims(), depth, dims, indices.rank() - 1, x.rank() - depth);
        Tensor rows = node.x(0).reshape(-1, part);
        long[] row = Arrays.stream(places).map(place -> place / part).toArray();
        return List.of(Value.of(x.type(), Compose.select(rows, 0, row).reshape(dims)));
    }

    private static List<Value> scatterElements(OnnxNode node) {
        Value x = node.in(0);
        int axis = node.axis("axis", 0, x.rank());
        long[] places = elementPlaces(node, x, node.in(1), axis);
        return scatter(node, node.x(0).reshape(-1, 1), places, node.x(2).reshape(-1, 1));
    }

    private static List<Value> scatterNd(OnnxNode node) {
        Value x = node.in(0);
        Value indices = node.in(1);
        long part = Arrays.stream(x.dims(), (int) indices.dim(-1), x.rank()).reduce(1, (a, b) -> a * b);
        long[] rows = Arrays.stream(tuplePlaces(node, x, indices, 0)).map(place -> place / part).toArray();
        return scatter(node, node.x(0).reshape(-1, part), rows, node.x(2).reshape(-1, part));
    }

    /** Rows replaced by others, or combined with them. */
    private static List<Value> scatter(OnnxNode node, Tensor rows, long[] places, Tensor updates) {
        String reduction = node.attr("reduction", "none");
        int count = (int) rows.shape().dim(0);
        // of several updates of one row, by turns: the latest counts, or all do
        int[] turn = new int[places.length];
        int[] seen = new int[count];
        int turns = 0;
        for (int i = 0; i < places.length; i++) {
            turn[i] = seen[(int) places[i]]++;
            turns = Math.max(turns, turn[i] + 1);
        }
        Tensor result = rows;
        for (int t = 0; t < turns; t++) {
            long[] from = new long[count];
            double[] hit = new double[count];
            for (int i = 0; i < places.length; i++) {
                if (turn[i] == t) {
                    from[(int) places[i]] = i;
                    hit[(int) places[i]] = 1;
                }
            }
            Tensor incoming = Compose.select(updates, 0, from);
            Tensor mask = Tensor.of(hit, count, 1).cast(rows.dtype());
            Tensor combined = switch (reduction) {
                case "none" -> incoming;
                case "add" -> result.add(incoming);
                case "mul" -> result.mul(incoming);
                case "max" -> result.maximum(incoming, dev.sinew.Broadcast.YES);
                case "min" -> result.minimum(incoming, dev.sinew.Broadcast.YES);
                default -> throw node.unsupported("attribute reduction=" + reduction);
            };
            result = Compose.where(mask, combined, result);
        }
        return List.of(Value.of(node.in(0).type(), result.reshape(node.in(0).dims())));
    }

    private static List<Value> oneHot(OnnxNode node) {
        Value indices = node.in(0);
        long depth = node.scalar(1);
        int axis = node.axis("axis", -1, indices.rank() + 1);
        Value values = node.in(2);
        Tensor pair = node.x(2);
        long[] dims = new long[indices.rank() + 1];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = d == axis ? 1 : indices.dims()[d < axis ? d : d - 1];
        }
        Tensor places = node.x(0, pair.dtype()).reshape(dims);
        Tensor negative = Compose.greater(Compose.like(places, 0), places).mul(depth);
        Tensor on = Compose.equal(places.add(negative), Compose.iota(pair.dtype(), depth, axis, dims.length));
        return List.of(Value.of(values.type(), Compose.where(on, pair.slice(0, 1, 1), pair.slice(0, 0, 1))));
    }

    // ---- results whose sizes depend on the values ----

    private static List<Value> nonZero(OnnxNode node) {
        Value x = node.known(0);
        double[] values = x.toDoubles();
        int[] hits = IntStream.range(0, values.length).filter(i -> values[i] != 0).toArray();
        long[] strides = strides(x.dims());
        double[] places = new double[x.rank() * hits.length];
        for (int d = 0; d < x.rank(); d++) {
            for (int i = 0; i < hits.length; i++) {
                places[d * hits.length + i] = hits[i] / strides[d] % x.dims()[d];
            }
        }
        return List.of(Value.doubles(ElementType.INT64, places, x.rank(), hits.length));
    }

    private static List<Value> compress(OnnxNode node) {
        Value x = node.in(0);
        double[] condition = node.known(1).toDoubles();
        boolean flat = !node.hasAttr("axis");
        int axis = flat ? 0 : node.axis("axis", 0, x.rank());
        Tensor tensor = flat ? node.x(0).reshape(-1) : node.x(0);
        long size = Math.min(condition.length, tensor.shape().dim(axis));
        long[] places = IntStream.range(0, (int) size).filter(i -> condition[i] != 0).mapToLong(i -> i).toArray();
        if (places.length == 0) {
            long[] dims = tensor.shape().dims();
            dims[axis] = 0;
            return List.of(Value.empty(x.type(), dims));
        }
        return List.of(Value.of(x.type(), Compose.select(tensor, axis, places)));
    }

    private static List<Value> topK(OnnxNode node) {
        Value x = node.known(0);
        long k = node.opset() < 10 ? node.attr("k", 1L) : node.scalar(1);
        int axis = node.axis("axis", -1, x.rank());
        boolean largest = node.flag("largest", true);
        node.ignore("sorted");
        double[] values = x.toDoubles();
        long stride = strides(x.dims())[axis];
        int size = (int) x.dims()[axis];
        if (k < 0 || k > size) {
            throw node.error(k + " of " + size + " elements");
        }
        long[] dims = x.dims().clone();
        dims[axis] = k;
        double[] best = new double[(int) (values.length / size * k)];
        double[] places = new double[best.length];
        for (int row = 0; row < values.length / size; row++) {
            int base = (int) (row / stride * stride * size + row % stride);
            Comparator<Integer> order = Comparator.comparingDouble(i -> values[(int) (base + i * stride)]);
            List<Integer> sorted = new ArrayList<>(IntStream.range(0, size).boxed().toList());
            sorted.sort(largest ? order.reversed() : order);
            for (int i = 0; i < k; i++) {
                int at = (int) (row / stride * stride * k + row % stride + i * stride);
                best[at] = values[(int) (base + sorted.get(i) * stride)];
                places[at] = sorted.get(i);
            }
        }
        return List.of(Value.doubles(x.type(), best, dims), Value.doubles(ElementType.INT64, places, dims));
    }

    private static List<Value> reverseSequence(OnnxNode node) {
        Value x = node.in(0);
        int batch = node.axis("batch_axis", 1, x.rank());
        int time = node.axis("time_axis", 0, x.rank());
        long[] lengths = node.longs(1);
        long[] strides = strides(x.dims());
        long[] places = new long[Math.toIntExact(x.count())];
        for (int i = 0; i < places.length; i++) {
            long b = i / strides[batch] % x.dims()[batch];
            long t = i / strides[time] % x.dims()[time];
            places[i] = t < lengths[(int) b] ? i + (lengths[(int) b] - 1 - 2 * t) * strides[time] : i;
        }
        return List.of(pick(x, node.x(0), places, x.dims()));
    }
}
