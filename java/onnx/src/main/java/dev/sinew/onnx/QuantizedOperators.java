package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** 8-bit integers that stand for numbers: (integer - zero point) scale. */
final class QuantizedOperators {
    private QuantizedOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("QuantizeLinear", QuantizedOperators::quantize);
        operators.put("DequantizeLinear", QuantizedOperators::dequantize);
        operators.put("DynamicQuantizeLinear", QuantizedOperators::dynamic);
    }

    /** A scalar as it is, one number for each element of an axis so that it is repeated along the others. */
    private static Tensor along(OnnxNode node, Tensor values, int rank) {
        long axis = node.attr("axis", 1L);
        if (values.shape().count() == 1) {
            return values.reshape();
        }
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        dims[node.axis(axis, rank)] = values.shape().count();
        return values.reshape(dims);
    }

    private static List<Value> quantize(OnnxNode node) {
        Tensor x = node.x(0);
        ElementType type = node.has(2) ? node.in(2).type() : ElementType.UINT8;
        Tensor scaled = Compose.round(x.div(along(node, node.x(1), x.shape().rank()), Broadcast.YES));
        if (node.has(2)) {
            scaled = scaled.add(along(node, node.x(2, x.dtype()), x.shape().rank()), Broadcast.YES);
        }
        return List.of(Value.of(type, saturated(type, scaled)));
    }

    private static Tensor saturated(ElementType type, Tensor x) {
        double most = Math.pow(2, 8.0 * type.bytes() - (type.isUnsigned() ? 0 : 1));
        return Compose.min(Compose.max(x, type.isUnsigned() ? 0 : -most), most - 1);
    }

    private static List<Value> dequantize(OnnxNode node) {
        Tensor scale = node.x(1);
        Tensor x = node.x(0, scale.dtype());
        if (node.has(2)) {
            x = x.sub(along(node, node.x(2, scale.dtype()), x.shape().rank()), Broadcast.YES);
        }
        return List.of(Value.of(node.in(1).type(), x.mul(along(node, scale, x.shape().rank()), Broadcast.YES)));
    }

    private static List<Value> dynamic(OnnxNode node) {
        Tensor x = node.x(0);
        Tensor high = Compose.max(x.max(), 0);
        Tensor low = Compose.min(x.neg().max().neg(), 0);
        Tensor scale = high.sub(low).mul(1 / 255.0);
        Tensor zero = saturated(ElementType.UINT8, Compose.round(low.neg().div(scale)));
        Tensor y = saturated(ElementType.UINT8, Compose.round(x.div(scale, Broadcast.YES)).add(zero, Broadcast.YES));
        return List.of(Value.of(ElementType.UINT8, y), Value.of(ElementType.FLOAT, scale), Value.of(ElementType.UINT8, zero));
    }
}
