package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.AdamStep;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.SgdStep;
import java.util.Arrays;

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
            Tensor m = Tensor.full(type, param.shape(), 0);
            Tensor v = Tensor.full(type, param.shape(), 0);
            Op op = op(given);
            Graph graph = new Graph();
            Tensor symbol = graph.input("grad", Spec.of(type, param.shape()));
            Ops.applyAll(op, inputs(op, param, symbol, lr, step, m, v));
            Compare compare = new Compare(given.toString());
            try (Plan plan = Plan.compile(graph)) {
                for (int i = 0; i < given.whole("steps"); i++) {
                    lr.set(rate(given, i));
                    step.set(i + 1);
                    Tensor grad = grads.slice(0, i, 1).reshape(count);
                    if (compiled) {
                        plan.run(grad);
                    } else {
                        Ops.applyAll(op, inputs(op, param, grad, lr, step, m, v));
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
        if (given.family().equals("sgd")) {
            return new SgdStep(given.number("momentum"), given.number("dampening"), given.number("weight_decay"), given.flag("nesterov"));
        }
        return new AdamStep(given.number("beta1"), given.number("beta2"), given.number("eps"), given.number("weight_decay"),
                given.family().equals("adamw"));
    }

    private static Tensor[] inputs(Op op, Tensor param, Tensor grad, Tensor lr, Tensor step, Tensor m, Tensor v) {
        return op instanceof SgdStep sgd ? Ops.present(param, grad, lr, step, sgd.momentum() == 0 ? null : m)
                : new Tensor[] {param, grad, lr, step, m, v};
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
