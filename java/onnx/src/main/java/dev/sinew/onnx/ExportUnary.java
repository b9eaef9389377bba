package dev.sinew.onnx;

import static dev.sinew.onnx.ExportNode.attribute;

import dev.sinew.DType;
import dev.sinew.op.Unary;
import java.util.List;

/** Functions of one element in ONNX. */
final class ExportUnary {
    private ExportUnary() {}

    private static String constant(ExportNode node, double value) {
        return node.graph().scalar(node.input(0).dtype(), value);
    }

    /** A comparison of the input with a number, as 0 or 1. */
    private static String compared(ExportNode node, String operator, String x, double value) {
        String truth = node.apply(operator, List.of(x, constant(node, value)));
        return node.apply("Cast", List.of(truth), attribute("to", ExportGraph.type(node.input(0).dtype())));
    }

    static void write(ExportNode node, Unary op) {
        List<String> in = node.ins();
        String x = in.getFirst();
        switch (op.kind()) {
            case RELU -> node.write("Relu", in);
            case SIGMOID -> node.write("Sigmoid", in);
            case TANH -> node.write("Tanh", in);
            case LEAKY_RELU -> node.write("LeakyRelu", in, attribute("alpha", op.alpha()));
            case ELU -> node.write("Elu", in, attribute("alpha", op.alpha()));
            case EXP -> node.write("Exp", in);
            case LOG -> node.write("Log", in);
            case SQRT -> node.write("Sqrt", in);
            case SQUARE -> node.write("Mul", List.of(x, x));
            case ABS -> node.write("Abs", in);
            case RECIPROCAL -> node.write("Reciprocal", in);
            case SIGN -> node.write("Sign", in);
            case SOFTSIGN -> node.write("Softsign", in);
            case AFFINE -> affine(node, x, op.alpha(), op.beta());
            case GELU -> {
                String erf = node.apply("Erf", List.of(node.apply("Mul", List.of(x, constant(node, Math.sqrt(0.5))))));
                String twice = node.apply("Add", List.of(erf, constant(node, 1)));
                node.write("Mul", List.of(node.apply("Mul", List.of(x, constant(node, 0.5))), twice));
            }
            case GELU_TANH -> {
                String cube = node.apply("Mul", List.of(node.apply("Mul", List.of(x, x)), x));
                String inner = node.apply("Add", List.of(x, node.apply("Mul", List.of(cube, constant(node, 0.044715)))));
                String tanh = node.apply("Tanh", List.of(node.apply("Mul", List.of(inner, constant(node, Math.sqrt(2 / Math.PI))))));
                String twice = node.apply("Add", List.of(tanh, constant(node, 1)));
                node.write("Mul", List.of(node.apply("Mul", List.of(x, constant(node, 0.5))), twice));
            }
            case SILU -> node.write("Mul", List.of(x, node.apply("Sigmoid", in)));
            case MISH -> node.write("Mul", List.of(x, node.apply("Tanh", List.of(node.apply("Softplus", in)))));
            case SOFTPLUS -> softplus(node, x, op.alpha(), op.beta());
            case CLAMP -> node.write("Clip", List.of(x, constant(node, op.alpha()), constant(node, op.beta())));
            case HARD_SWISH -> node.write("Mul", List.of(x, node.apply("HardSigmoid", in, attribute("alpha", 1 / 6.0), attribute("beta", 0.5))));
            case THRESHOLD -> {
                String above = node.apply("Greater", List.of(x, constant(node, op.alpha())));
                node.write("Where", List.of(above, x, constant(node, op.beta())));
            }
            case HARD_SHRINK -> shrink(node, x, op.alpha(), 0);
            case SOFT_SHRINK -> shrink(node, x, op.alpha(), op.alpha());
            case STEP -> {
                String at = node.apply("Mul", List.of(compared(node, "Equal", x, 0), constant(node, op.alpha())));
                node.write("Add", List.of(compared(node, "Greater", x, 0), at));
            }
            default -> throw node.unsupported("has no counterpart in ONNX");
        }
    }

    private static void affine(ExportNode node, String x, double factor, double summand) {
        if (node.input(0).dtype() == DType.F32 && factor == -1 && summand == 0) {
            node.write("Neg", List.of(x));
            return;
        }
        String y = factor == 1 ? x : node.apply("Mul", List.of(x, constant(node, factor)));
        node.is(0, summand == 0 ? y : node.apply("Add", List.of(y, constant(node, summand))));
    }

    /** ONNX's Softplus has no factor and no threshold. */
    private static void softplus(ExportNode node, String x, double factor, double threshold) {
        String scaled = factor == 1 ? x : node.apply("Mul", List.of(x, constant(node, factor)));
        String soft = node.apply("Softplus", List.of(scaled));
        String y = factor == 1 ? soft : node.apply("Mul", List.of(soft, constant(node, 1 / factor)));
        String above = node.apply("Greater", List.of(scaled, constant(node, threshold)));
        node.write("Where", List.of(above, x, y));
    }

    /** x - bias above lambda, x + bias below -lambda, else 0. */
    private static void shrink(ExportNode node, String x, double lambda, double bias) {
        node.write("Shrink", List.of(x), attribute("lambd", lambda), attribute("bias", bias));
    }
}
