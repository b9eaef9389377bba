package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_batchnorm_args;
import java.util.List;

/**
 * Batch normalisation with given moments, as after training: y = act(gamma (x - mean) / sqrt(var + eps) + beta). Inputs:
 * x [N, C] or [N, C, H, W], gamma, beta, mean, var, each [C]; output y.
 *
 * @param eps at least 0
 * @param activation identity or ReLU
 */
public record BatchNormInfer(double eps, Activation activation) implements Fusable {
    /** Checks the ranges. */
    public BatchNormInfer {
        Check.notNegative("batchnorm_infer", "eps", eps);
        BatchNorm.checkActivation("batchnorm_infer", activation);
    }

    @Override
    public String name() {
        return "batchnorm_infer";
    }

    @Override
    public Op withActivation(Activation other) {
        return other.kind() == Activation.Kind.RELU ? new BatchNormInfer(eps, other) : null;
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 5, 5);
        Ops.floating(this, inputs, 0, 1, 2, 3, 4);
        Shape channels = BatchNorm.channels(this, inputs, 0);
        Check.shape(this, inputs, 1, channels, "gamma");
        Check.shape(this, inputs, 2, channels, "beta");
        Check.shape(this, inputs, 3, channels, "the mean");
        Check.shape(this, inputs, 4, channels, "the variance");
        return List.of(inputs.getFirst());
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = BatchNorm.begin(call, Sinew.SN_OP_BATCHNORM_INFER(), activation);
        sn_batchnorm_args.eps(args, eps);
        call.in(args, sn_batchnorm_args.x$offset(), 0);
        call.in(args, sn_batchnorm_args.gamma$offset(), 1);
        call.in(args, sn_batchnorm_args.beta$offset(), 2);
        call.in(args, sn_batchnorm_args.running_mean$offset(), 3);
        call.in(args, sn_batchnorm_args.running_var$offset(), 4);
        call.out(args, sn_batchnorm_args.y$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            throw context.noRule("with a fused activation");
        }
        Tensor dy = context.dy();
        boolean image = context.spec(0).shape().rank() == 4;
        int[] others = image ? new int[] {0, 2, 3} : new int[] {0};
        Tensor[] gradients = new Tensor[5];
        Tensor invstd = context.input(4).add(eps).sqrt().reciprocal();
        Tensor scale = context.input(1).mul(invstd);
        if (context.needs(0)) {
            gradients[0] = dy.mul(perChannel(scale, image), Broadcast.YES);
        }
        Tensor sum = context.needs(2) || context.needs(3) ? dy.sum(others) : null;
        Tensor dot = context.needs(1) || context.needs(4)
                ? dy.mul(context.input(0).sub(perChannel(context.input(3), image), Broadcast.YES)).sum(others) : null;
        if (context.needs(1)) {
            gradients[1] = dot.mul(invstd);
        }
        if (context.needs(2)) {
            gradients[2] = sum;
        }
        if (context.needs(3)) {
            gradients[3] = sum.mul(scale).mul(-1);
        }
        if (context.needs(4)) {
            gradients[4] = dot.mul(scale).mul(invstd.square()).mul(-0.5);
        }
        return gradients;
    }

    private static Tensor perChannel(Tensor values, boolean image) {
        return image ? values.reshape(1, -1, 1, 1) : values;
    }

    @Override
    public long flops(List<Spec> inputs) {
        return 2 * inputs.getFirst().shape().count();
    }
}
