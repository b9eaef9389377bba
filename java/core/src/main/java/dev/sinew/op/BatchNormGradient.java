package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_batchnorm_args;
import java.util.List;

/**
 * The gradient of {@link BatchNorm} (equations in section 3 of Ioffe, Szegedy 2015). Inputs: x, dy, gamma, saveMean,
 * saveInvstd and, when the activation is ReLU, beta; outputs dx, dgamma, dbeta. With ReLU, dy is the gradient after it.
 *
 * @param activation of the normalisation: identity or ReLU
 */
public record BatchNormGradient(Activation activation) implements Op {
    /** Checks the activation. */
    public BatchNormGradient {
        BatchNorm.checkActivation("batchnorm_gradient", activation);
    }

    @Override
    public String name() {
        return "batchnorm_gradient";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 || i == 1 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        boolean relu = activation.kind() == Activation.Kind.RELU;
        int count = relu ? 6 : 5;
        Ops.arity(this, inputs, count, count);
        Ops.floating(this, inputs, relu ? new int[] {0, 1, 2, 3, 4, 5} : new int[] {0, 1, 2, 3, 4});
        Spec x = inputs.getFirst();
        Shape channels = BatchNorm.channels(this, inputs, 0);
        Check.shape(this, inputs, 1, x.shape(), "dy");
        Check.shape(this, inputs, 2, channels, "gamma");
        Check.shape(this, inputs, 3, channels, "the saved mean");
        Check.shape(this, inputs, 4, channels, "the saved 1/deviation");
        if (relu) {
            Check.shape(this, inputs, 5, channels, "beta");
        }
        BatchNorm.checkRows(this, inputs);
        return List.of(x, x.withShape(channels), x.withShape(channels));
    }

    @Override
    public boolean inPlace(int i) {
        return i == 1;
    }

    @Override
    public void encode(Call call) {
        var args = BatchNorm.begin(call, Sinew.SN_OP_BATCHNORM_BACKWARD(), activation);
        call.in(args, sn_batchnorm_args.x$offset(), 0);
        call.in(args, sn_batchnorm_args.dy$offset(), 1);
        call.in(args, sn_batchnorm_args.gamma$offset(), 2);
        call.in(args, sn_batchnorm_args.save_mean$offset(), 3);
        call.in(args, sn_batchnorm_args.save_invstd$offset(), 4);
        if (activation.kind() == Activation.Kind.RELU) {
            call.in(args, sn_batchnorm_args.beta$offset(), 5);
        }
        call.out(args, sn_batchnorm_args.dx$offset(), 0);
        call.out(args, sn_batchnorm_args.dgamma$offset(), 1);
        call.out(args, sn_batchnorm_args.dbeta$offset(), 2);
        call.workspace(args, sn_batchnorm_args.workspace$offset(), sn_batchnorm_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            throw context.noRule("with an activation (the second derivative of batch normalisation)");
        }
        Tensor[] gradients = new Tensor[5];
        System.arraycopy(BatchNorm.slope(context.input(0), context.input(3), context.input(4))
                .gradients(context, context.input(1), context.input(2)), 0, gradients, 0, 3);
        return gradients;
    }

    /** One pass for the sums, one for dx. */
    @Override
    public long flops(List<Spec> inputs) {
        return 10 * inputs.getFirst().shape().count();
    }
}
