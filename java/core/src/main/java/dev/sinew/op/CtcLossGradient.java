package dev.sinew.op;

import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_ctc_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link CtcLoss} with respect to the log-probabilities: minus the probability that the alignment is at the
 * class at that step, times dloss. Inputs: the four of the loss, and dloss; output like the log-probabilities.
 *
 * @param of the loss
 */
public record CtcLossGradient(CtcLoss of) implements Op {
    /** Checks that the loss is there. */
    public CtcLossGradient {
        Objects.requireNonNull(of, "ctc_loss_gradient: of");
    }

    @Override
    public String name() {
        return "ctc_loss_gradient";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 5, 5);
        of.check(this, inputs);
        Ops.floating(this, inputs, 0, 4);
        Check.shape(this, inputs, 4, of.outputs(inputs.subList(0, 4)).getFirst().shape(), "dloss");
        return List.of(inputs.getFirst());
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_CTC_BACKWARD());
        call.in(args, sn_ctc_args.dloss$offset(), 4);
        call.out(args, sn_ctc_args.dlog_probs$offset(), 0);
        call.workspace(args, sn_ctc_args.workspace$offset(), sn_ctc_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(a second derivative of the alignments)");
    }
}
