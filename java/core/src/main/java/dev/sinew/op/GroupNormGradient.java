package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_groupnorm_args;
import java.util.List;
import java.util.Objects;

/**
 * The gradient of {@link GroupNorm}. Inputs: x, dy, saveMean, saveInvstd, optionally gamma; outputs dx, dgamma [C] and
 * dbeta [C].
 *
 * @param of the normalisation
 */
public record GroupNormGradient(GroupNorm of) implements Op {
    /** Checks that the normalisation is there. */
    public GroupNormGradient {
        Objects.requireNonNull(of, "groupnorm_gradient: of");
    }

    @Override
    public String name() {
        return "groupnorm_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 || i == 1 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 4, 5);
        Shape channels = of.channels(this, inputs);
        Ops.floating(this, inputs, inputs.size() == 5 ? new int[] {0, 1, 2, 3, 4} : new int[] {0, 1, 2, 3});
        Spec x = inputs.getFirst();
        Check.shape(this, inputs, 1, x.shape(), "dy");
        Check.shape(this, inputs, 2, of.saved(x).shape(), "the saved mean");
        Check.shape(this, inputs, 3, of.saved(x).shape(), "the saved 1/deviation");
        if (inputs.size() == 5) {
            Check.shape(this, inputs, 4, channels, "gamma");
        }
        Spec parameter = new Spec(x.dtype(), channels, Layout.ROW_MAJOR);
        return List.of(x, parameter, parameter);
    }

    @Override
    public boolean inPlace(int i) {
        return i == 1;
    }

    @Override
    public void encode(Call call) {
        var args = of.begin(call, Sinew.SN_OP_GROUPNORM_BACKWARD());
        call.in(args, sn_groupnorm_args.x$offset(), 0);
        call.in(args, sn_groupnorm_args.dy$offset(), 1);
        call.in(args, sn_groupnorm_args.save_mean$offset(), 2);
        call.in(args, sn_groupnorm_args.save_invstd$offset(), 3);
        if (call.inputs() == 5) {
            call.in(args, sn_groupnorm_args.gamma$offset(), 4);
        }
        call.out(args, sn_groupnorm_args.dx$offset(), 0);
        call.out(args, sn_groupnorm_args.dgamma$offset(), 1);
        call.out(args, sn_groupnorm_args.dbeta$offset(), 2);
        call.workspace(args, sn_groupnorm_args.workspace$offset(), sn_groupnorm_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[context.inputs()];
        Tensor gamma = context.inputs() == 5 ? context.input(4) : null;
        Tensor[] found = of.slope(context.input(0), context.input(2), context.input(3)).gradients(context, context.input(1), gamma);
        gradients[0] = found[0];
        gradients[1] = found[1];
        if (gamma != null) {
            gradients[4] = found[2];
        }
        return gradients;
    }

    /** One pass for the sums, one for dx. */
    @Override
    public long flops(List<Spec> inputs) {
        return 12 * inputs.getFirst().shape().count();
    }
}
