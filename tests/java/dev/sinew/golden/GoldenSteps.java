package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.AdamStep;
import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.LambStep;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.SgdStep;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** The optimisers: a hundred steps along given gradients. */
final class GoldenSteps {
    private GoldenSteps() {}

    @SuppressWarnings("try") // the scope frees everything
    static void run(GoldenCase given, DType type, boolean compiled) {
        try (Scope scope = Scope.open()) {
            Tensor param = given.inputs().get("param").tensor(type);
            int count = (int) param.shape().count();
            Tensor grads = given.inputs().get("grads").tensor(type);
            Tensor lr = Tensor.full(DType.F64, Shape.scalar(), 0);
            Tensor step = Tensor.full(DType.I64, Shape.scalar(), 0);
            Op op = op(given);
            Tensor[] states = new Tensor[op.mutates().length - 1];
            for (int i = 0; i < states.length; i++) {
                states[i] = Tensor.full(type, param.shape(), given.attrs().containsKey("initial") ? given.number("initial") : 0);
            }
            Graph graph = new Graph();
            Tensor symbol = graph.input("grad", Spec.of(type, param.shape()));
            Ops.applyAll(op, inputs(param, symbol, lr, step, states));
            Compare compare = new Compare(given.toString());
            try (Plan plan = Plan.compile(graph)) {
                for (int i = 0; i < given.whole("steps"); i++) {
                    lr.set(rate(given, i));
                    step.set(i + 1);
                    Tensor grad = grads.slice(0, i, 1).reshape(count);
                    if (compiled) {
                        plan.run(grad);
                    } else {
                        Ops.applyAll(op, inputs(param, grad, lr, step, states));
                    }
                    GoldenCase.Array expected = given.outputs().get("param@" + (i + 1));
                    if (expected != null) {
                        compare.check("param@" + (i + 1), param.toDoubles(), expected, bounds(given, type, i + 1, expected));
                    }
                }
            }
            compare.fail();
        }
    }

    private static double rate(GoldenCase given, int step) {
        return given.inputs().containsKey("lr") ? given.inputs().get("lr").values()[step] : given.number("lr");
    }

    private static Op op(GoldenCase given) {
        double decay = given.number("weight_decay");
        return switch (given.family()) {
            case "sgd" -> new SgdStep(given.number("momentum"), given.number("dampening"), decay, given.flag("nesterov"));
            case "adaptive" -> new AdaptiveStep(AdaptiveStep.Rule.valueOf(given.text("rule").toUpperCase(Locale.ROOT)), decay,
                    given.number("first"), given.number("second"), given.number("eps"), given.number("extra"), given.flag("option"));
            case "lamb" -> new LambStep(given.number("beta1"), given.number("beta2"), given.number("eps"), decay);
            default -> new AdamStep(given.number("beta1"), given.number("beta2"), given.number("eps"), decay, given.family().equals("adamw"));
        };
    }

    private static Tensor[] inputs(Tensor param, Tensor grad, Tensor lr, Tensor step, Tensor[] states) {
        return Stream.concat(Stream.of(param, grad, lr, step), Arrays.stream(states)).toArray(Tensor[]::new);
    }

    /** Every step rounds the parameter, and its update by a few operations: errors add up over the steps. */
    private static double[] bounds(GoldenCase given, DType type, int steps, GoldenCase.Array expected) {
        double largest = given.outputs().values().stream().mapToDouble(GoldenCase.Array::largest).max().orElse(0);
        double magnitude = Math.max(given.inputs().get("param").largest(), largest);
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, (type == DType.F32 ? 0x1p-24 : 0x1p-50) * (8 + 2 * steps) * magnitude);
        return bounds;
    }
}
