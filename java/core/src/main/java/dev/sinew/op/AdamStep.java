package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_optimizer_args;
import java.util.List;

/**
 * One step of Adam (Kingma, Ba 2015) or, with decoupled decay, AdamW (Loshchilov, Hutter 2019):
 * m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
 * param -= lr m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps). The decay is added to g, or, when decoupled, taken
 * from param first: param -= lr weightDecay param.
 *
 * <p>Inputs: param, grad, lr (float64 scalar), step (int64 scalar, counted from 1), m, v, and perhaps a float64 scalar that
 * takes the place of beta1. param, m and v are overwritten; there is no output.
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param eps at least 0
 * @param weightDecay at least 0
 * @param decoupled whether this is AdamW
 */
public record AdamStep(double beta1, double beta2, double eps, double weightDecay, boolean decoupled) implements Op {
    /** Checks the ranges. */
    public AdamStep {
        checkBeta("adam", "beta1", beta1);
        checkBeta("adam", "beta2", beta2);
        Check.notNegative("adam", "eps", eps);
        Check.notNegative("adam", "weightDecay", weightDecay);
    }

    static void checkBeta(String op, String name, double beta) {
        if (!(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException(op + ": " + name + " must be at least 0 and below 1, not " + beta);
        }
    }

    @Override
    public String name() {
        return "adam";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return SgdStep.stepLayout(i, inputs);
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 6, 7);
        SgdStep.checkStep(this, inputs.subList(0, 6));
        SgdStep.checkMomentum(this, inputs, 6);
        return List.of();
    }

    @Override
    public int[] mutates() {
        return new int[] {0, 4, 5};
    }

    @Override
    public void encode(Call call) {
        var args = SgdStep.begin(call, Sinew.SN_OP_ADAM());
        sn_optimizer_args.beta1(args, beta1);
        sn_optimizer_args.beta2(args, beta2);
        sn_optimizer_args.eps(args, eps);
        sn_optimizer_args.weight_decay(args, weightDecay);
        sn_optimizer_args.decoupled(args, decoupled ? 1 : 0);
        call.in(args, sn_optimizer_args.m$offset(), 4);
        call.in(args, sn_optimizer_args.v$offset(), 5);
        if (call.inputs() > 6) {
            call.in(args, sn_optimizer_args.momentum_now$offset(), 6);
        }
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(an optimiser's step)");
    }
}
