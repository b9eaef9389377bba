package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_lamb_args;
import dev.sinew.bindings.sn_optimizer_args;
import java.util.List;

/**
 * One step of LAMB (You et al. 2020, algorithm 2) for the parameters of one layer: m and v as in {@link AdamStep},
 * u = m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps) + weightDecay param,
 * param -= lr norm(param) / norm(u) u; the quotient is 1 where a norm is 0.
 *
 * <p>Inputs: param, grad, lr (float64 scalar), step (int64 scalar, counted from 1), m, v. param, m and v are overwritten;
 * there is no output.
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param eps at least 0
 * @param weightDecay at least 0
 */
public record LambStep(double beta1, double beta2, double eps, double weightDecay) implements Op {
    /** Checks the ranges. */
    public LambStep {
        AdamStep.checkBeta("lamb", "beta1", beta1);
        AdamStep.checkBeta("lamb", "beta2", beta2);
        Check.notNegative("lamb", "eps", eps);
        Check.notNegative("lamb", "weightDecay", weightDecay);
    }

    @Override
    public String name() {
        return "lamb";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return SgdStep.stepLayout(i, inputs);
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 6, 6);
        SgdStep.checkStep(this, inputs);
        return List.of();
    }

    @Override
    public int[] mutates() {
        return new int[] {0, 4, 5};
    }

    @Override
    public void encode(Call call) {
        // the optimiser's arguments stand first in the structure
        var args = SgdStep.begin(call, Sinew.SN_OP_LAMB(), sn_lamb_args.layout());
        sn_optimizer_args.beta1(args, beta1);
        sn_optimizer_args.beta2(args, beta2);
        sn_optimizer_args.eps(args, eps);
        sn_optimizer_args.weight_decay(args, weightDecay);
        call.in(args, sn_optimizer_args.m$offset(), 4);
        call.in(args, sn_optimizer_args.v$offset(), 5);
        call.workspace(args, sn_lamb_args.workspace$offset(), sn_lamb_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(an optimiser's step)");
    }
}
