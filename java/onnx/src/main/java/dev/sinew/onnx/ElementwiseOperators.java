package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.op.Binary;
import dev.sinew.op.Unary;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Functions of each element, or of pairs of elements. */
final class ElementwiseOperators {
    private static final double SELU_ALPHA = 1.67326319217681884765625;
    private static final double SELU_GAMMA = 1.05070102214813232421875;

    private ElementwiseOperators() {}

    static void register(Map<String, Operator> operators) {
        Map.of("Exp", Unary.Kind.EXP, "Log", Unary.Kind.LOG, "Sqrt", Unary.Kind.SQRT, "Abs", Unary.Kind.ABS, "Sign", Unary.Kind.SIGN,
                "Relu", Unary.Kind.RELU, "Sigmoid", Unary.Kind.SIGMOID, "Tanh", Unary.Kind.TANH, "Reciprocal", Unary.Kind.RECIPROCAL)
                .forEach((name, kind) -> operators.put(name, node -> unary(node, x -> Compose.unary(kind, x))));
        operators.put("Neg", node -> unary(node, Tensor::neg));
        operators.put("Floor", node -> unary(node, Compose::floor));
        operators.put("Ceil", node -> unary(node, Compose::ceil));
        operators.put("Round", node -> unary(node, Compose::round));
        operators.put("Softplus", node -> unary(node, x -> x.relu().add(x.abs().neg().exp().add(1).log())));
        operators.put("Softsign", node -> unary(node, x -> x.div(x.abs().add(1))));
        operators.put("LeakyRelu", node -> unary(node, x -> x.leakyRelu(node.attr("alpha", 0.01))));
        operators.put("Elu", node -> unary(node, x -> x.elu(node.attr("alpha", 1.0))));
        operators.put("Celu", ElementwiseOperators::celu);
        operators.put("Selu", node -> unary(node, x -> x.elu(node.attr("alpha", SELU_ALPHA)).mul(node.attr("gamma", SELU_GAMMA))));
        operators.put("HardSigmoid", node -> unary(node, x -> hardSigmoid(x, node.attr("alpha", 0.2), node.attr("beta", 0.5))));
        operators.put("HardSwish", node -> unary(node, x -> x.mul(hardSigmoid(x, 1 / 6.0, 0.5))));
        operators.put("Mish", node -> unary(node, x -> x.mul(x.relu().add(x.abs().neg().exp().add(1).log()).tanh())));
        operators.put("ThresholdedRelu", node -> unary(node,
                x -> Compose.where(Compose.greater(x, Compose.like(x, node.attr("alpha", 1.0))), x, Compose.like(x, 0))));
        operators.put("Shrink", ElementwiseOperators::shrink);
        operators.put("PRelu", node -> binary(node, ElementwiseOperators::prelu, ElementwiseOperators::slopes));
        operators.put("Clip", ElementwiseOperators::clip);
        operators.put("Identity", node -> List.of(node.in(0)));
        operators.put("Erf", node -> unary(node, ElementwiseOperators::erf));
        operators.put("IsNaN", node -> truth(node.x(0), x -> Compose.not(Compose.equal(x, x))));
        operators.put("IsInf", ElementwiseOperators::isInf);
        operators.put("Not", node -> truth(node.x(0), Compose::not));
        operators.put("Cast", node -> List.of(cast(node, node.in(0), ElementType.of((int) node.attr("to", 0L), node.toString()))));
        operators.put("CastLike", node -> List.of(cast(node, node.in(0), node.in(1).type())));
        registerPairs(operators);
    }

    private static void registerPairs(Map<String, Operator> operators) {
        Map.of("Add", Binary.Kind.ADD, "Sub", Binary.Kind.SUB, "Mul", Binary.Kind.MUL)
                .forEach((name, kind) -> operators.put(name, node -> binary(node, (a, b) -> Compose.binary(kind, a, b))));
        operators.put("Div", node -> binary(node, (a, b) -> {
            Tensor quotient = Compose.binary(Binary.Kind.DIV, a, b);
            return node.in(0).type().isInteger() ? Compose.trunc(quotient) : quotient;
        }));
        operators.put("Mod", ElementwiseOperators::mod);
        operators.put("Pow", ElementwiseOperators::pow);
        operators.put("BitShift", ElementwiseOperators::bitShift);
        operators.put("Max", node -> fold(node, Binary.Kind.MAXIMUM, false));
        operators.put("Min", node -> fold(node, Binary.Kind.MINIMUM, false));
        operators.put("Sum", node -> fold(node, Binary.Kind.ADD, false));
        operators.put("Mean", node -> fold(node, Binary.Kind.ADD, true));
        operators.put("Equal", node -> compare(node, Compose::equal));
        operators.put("Greater", node -> compare(node, Compose::greater));
        operators.put("Less", node -> compare(node, (a, b) -> Compose.greater(b, a)));
        operators.put("GreaterOrEqual", node -> compare(node, (a, b) -> Compose.greater(a, b).add(Compose.equal(a, b))));
        operators.put("LessOrEqual", node -> compare(node, (a, b) -> Compose.greater(b, a).add(Compose.equal(a, b))));
        operators.put("And", node -> compare(node, (a, b) -> a.mul(b, Broadcast.YES)));
        operators.put("Or", node -> compare(node, (a, b) -> a.maximum(b, Broadcast.YES)));
        operators.put("Xor", node -> compare(node, (a, b) -> a.sub(b, Broadcast.YES).abs()));
        operators.put("Where", ElementwiseOperators::where);
    }

    // ---- of one ----

    private static List<Value> unary(OnnxNode node, UnaryOperator<Tensor> function) {
        if (node.in(0).isEmpty()) {
            function.apply(Tensor.zeros(1)); // for the attributes
            return List.of(node.in(0));
        }
        return List.of(Value.of(node.in(0).type(), function.apply(node.x(0))));
    }

    private static List<Value> truth(Tensor x, UnaryOperator<Tensor> function) {
        return List.of(Value.of(ElementType.BOOL, function.apply(x)));
    }

    static Tensor hardSigmoid(Tensor x, double alpha, double beta) {
        return Compose.min(Compose.max(x.mul(alpha).add(beta), 0), 1);
    }

    /** 2 Phi(x sqrt 2) - 1, Phi being GELU's share of its argument. */
    private static Tensor erf(Tensor x) {
        Tensor u = Compose.min(Compose.max(x.mul(Math.sqrt(2)), -10), 10);
        Tensor safe = u.add(Compose.equal(u, Compose.like(u, 0)).mul(1e-30));
        return safe.gelu().div(safe).mul(2).sub(1);
    }

    private static List<Value> celu(OnnxNode node) {
        double alpha = node.attr("alpha", 1.0);
        return unary(node, x -> x.mul(1 / alpha).elu(1).mul(alpha));
    }

    private static List<Value> shrink(OnnxNode node) {
        double lambda = node.attr("lambd", 0.5);
        double bias = node.attr("bias", 0.0);
        return unary(node, x -> {
            Tensor zero = Compose.like(x, 0);
            Tensor high = Compose.where(Compose.greater(x, Compose.like(x, lambda)), x.sub(bias), zero);
            return Compose.where(Compose.greater(Compose.like(x, -lambda), x), x.add(bias), high);
        });
    }

    private static List<Value> clip(OnnxNode node) {
        Value x = node.in(0);
        if (x.isEmpty()) {
            return List.of(x);
        }
        Tensor y = node.x(0);
        if (node.opset() < 11) {
            y = node.hasAttr("min") ? Compose.max(y, node.attr("min", 0.0)) : y;
            y = node.hasAttr("max") ? Compose.min(y, node.attr("max", 0.0)) : y;
        } else {
            y = node.has(1) ? Compose.binary(Binary.Kind.MAXIMUM, y, node.x(1).reshape()) : y;
            y = node.has(2) ? Compose.binary(Binary.Kind.MINIMUM, y, node.x(2).reshape()) : y;
        }
        return List.of(Value.of(x.type(), y));
    }

    private static List<Value> isInf(OnnxNode node) {
        Tensor x = node.x(0);
        Tensor positive = Compose.equal(x, Compose.like(x, Double.POSITIVE_INFINITY)).mul(node.flag("detect_positive", true) ? 1 : 0);
        Tensor negative = Compose.equal(x, Compose.like(x, Double.NEGATIVE_INFINITY)).mul(node.flag("detect_negative", true) ? 1 : 0);
        return List.of(Value.of(ElementType.BOOL, positive.add(negative)));
    }

    /** A change of type. Results that the narrower type of the two 16-bit ones would round are not rounded. */
    static Value cast(OnnxNode node, Value x, ElementType to) {
        if (x.isEmpty() || x.type() == to) {
            return new Value(to, x.dims(), x.tensor());
        }
        Tensor tensor = x.carried();
        if (to == ElementType.BOOL) {
            return Value.of(to, Compose.not(Compose.equal(tensor, Compose.like(tensor, 0))));
        }
        if (to.isFloat()) {
            return Value.of(to, tensor.cast(to.carrier()));
        }
        Tensor whole = x.type().isFloat() ? Compose.trunc(tensor.cast(DType.F64)) : tensor;
        return Value.of(to, Compose.wrap(to, whole));
    }

    // ---- of two and more ----

    /** The second operand where old versions say how it is repeated. */
    private static Tensor second(OnnxNode node, Tensor a, Tensor b) {
        if (node.opset() >= 7 || !node.flag("broadcast", false)) {
            return b;
        }
        int axis = (int) node.attr("axis", (long) a.shape().rank() - b.shape().rank());
        long[] dims = new long[a.shape().rank() - (axis < 0 ? axis + a.shape().rank() : axis)];
        Arrays.fill(dims, 1);
        System.arraycopy(b.shape().dims(), 0, dims, 0, b.shape().rank());
        return b.reshape(dims);
    }

    private static Tensor prelu(Tensor x, Tensor slope) {
        return x.relu().add(x.neg().relu().neg().mul(slope, Broadcast.YES));
    }

    /** Before version 7 the slopes are those of the channels. */
    private static Tensor slopes(OnnxNode node, Tensor x, Tensor slope) {
        if (node.opset() >= 7 || slope.shape().count() == 1) {
            return slope;
        }
        long[] dims = new long[x.shape().rank() - 1];
        Arrays.fill(dims, 1);
        dims[0] = slope.shape().count();
        return slope.reshape(dims);
    }

    /** How the second operand is brought into the shape that is to be repeated. */
    private interface Second {
        Tensor of(OnnxNode node, Tensor a, Tensor b);
    }

    private static List<Value> binary(OnnxNode node, BinaryOperator<Tensor> function) {
        return binary(node, function, ElementwiseOperators::second);
    }

    private static List<Value> binary(OnnxNode node, BinaryOperator<Tensor> function, Second second) {
        Value a = node.in(0);
        Value b = node.in(1);
        if (a.isEmpty() || b.isEmpty()) {
            return List.of(emptyResult(node, a.type(), a, b));
        }
        if (a.type() != b.type()) {
            throw node.error("the types differ");
        }
        Tensor y = function.apply(node.x(0), second.of(node, node.x(0), node.x(1)));
        return List.of(Value.of(a.type(), Compose.wrap(a.type(), y)));
    }

    /** What broadcasting gives when one of the values has no elements. */
    static Value emptyResult(OnnxNode node, ElementType type, Value a, Value b) {
        int rank = Math.max(a.rank(), b.rank());
        long[] dims = new long[rank];
        for (int d = 1; d <= rank; d++) {
            long m = d <= a.rank() ? a.dim(-d) : 1;
            long n = d <= b.rank() ? b.dim(-d) : 1;
            if (m != n && m != 1 && n != 1) {
                throw node.error("the shapes do not broadcast");
            }
            dims[rank - d] = m == 1 ? n : m;
        }
        return Value.empty(type, dims);
    }

    private static List<Value> compare(OnnxNode node, BinaryOperator<Tensor> function) {
        Value a = node.in(0);
        Value b = node.in(1);
        if (a.isEmpty() || b.isEmpty()) {
            return List.of(emptyResult(node, ElementType.BOOL, a, b));
        }
        return List.of(Value.of(ElementType.BOOL, function.apply(node.x(0), second(node, node.x(0), node.x(1)))));
    }

    private static List<Value> fold(OnnxNode node, Binary.Kind kind, boolean mean) {
        Tensor y = node.x(0);
        for (int i = 1; i < node.inputs(); i++) {
            y = Compose.binary(kind, y, node.x(i));
        }
        ElementType type = node.in(0).type();
        return List.of(Value.of(type, Compose.wrap(type, mean ? y.mul(1.0 / node.inputs()) : y)));
    }

    private static List<Value> mod(OnnxNode node) {
        boolean sign = node.flag("fmod", false);
        return binary(node, (a, b) -> {
            Tensor x = a.cast(DType.F64);
            Tensor y = b.cast(DType.F64);
            Tensor quotient = x.div(y, Broadcast.YES);
            Tensor whole = sign ? Compose.trunc(quotient) : Compose.floor(quotient);
            return x.sub(whole.mul(y, Broadcast.YES), Broadcast.YES).cast(a.dtype());
        });
    }

    private static List<Value> pow(OnnxNode node) {
        Value a = node.in(0);
        Tensor x = node.x(0);
        Tensor exponent = second(node, x, node.x(1));
        DType type = x.dtype() == DType.F64 || exponent.dtype() == DType.F64 && !node.in(1).type().isInteger() ? DType.F64 : x.dtype();
        Tensor y = x.cast(type).pow(exponent.cast(type), Broadcast.YES);
        return List.of(Value.of(a.type(), a.type().isInteger() ? Compose.trunc(y) : y.cast(x.dtype())));
    }

    private static List<Value> bitShift(OnnxNode node) {
        boolean left = node.attr("direction", "").equals("LEFT");
        return binary(node, (a, b) -> {
            Tensor power = Compose.like(b, 2).pow(b, Broadcast.YES);
            return left ? a.mul(power, Broadcast.YES) : Compose.trunc(a.div(power, Broadcast.YES));
        });
    }

    private static List<Value> where(OnnxNode node) {
        Value condition = node.in(0);
        ElementType type = node.in(1).type();
        if (condition.isEmpty() || node.in(1).isEmpty() || node.in(2).isEmpty()) {
            Value some = emptyResult(node, type, condition, node.in(1));
            return List.of(emptyResult(node, type, some, node.in(2)));
        }
        Tensor x = node.x(1);
        Tensor y = node.x(2);
        return List.of(Value.of(type, Compose.where(node.x(0, x.dtype()), x, y)));
    }
}
