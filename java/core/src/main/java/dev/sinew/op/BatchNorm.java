package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_batchnorm_args;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Batch normalisation in training (Ioffe, Szegedy 2015): y = act(gamma (x - mean) / sqrt(var + eps) + beta) with the mean
 * and the biased variance of each channel over the batch. Inputs: x [N, C] or [N, C, H, W], gamma, beta, runningMean,
 * runningVar, each [C], and optionally a residual like x, which is added before the activation; outputs y, saveMean [C],
 * saveInvstd [C]. The running values are overwritten:
 * running += momentum (batch value - running), the variance unbiased.
 *
 * @param eps at least 0; PyTorch's default is 1e-5
 * @param momentum the weight of the new value, 0 to 1; PyTorch's default is 0.1
 * @param activation identity or ReLU
 */
public record BatchNorm(double eps, double momentum, Activation activation) implements Fusable {
    private static final int[] RUNNING = {3, 4};

    /** Checks the ranges. */
    public BatchNorm {
        Check.notNegative("batchnorm", "eps", eps);
        Check.within("batchnorm", "momentum", momentum, 0, 1);
        checkActivation("batchnorm", activation);
    }

    static void checkActivation(String op, Activation activation) {
        Objects.requireNonNull(activation, op + ": activation");
        if (activation.kind() != Activation.Kind.IDENTITY && activation.kind() != Activation.Kind.RELU) {
            throw new IllegalArgumentException(op + ": the activation must be IDENTITY or RELU, not " + activation.kind());
        }
    }

    @Override
    public String name() {
        return "batchnorm";
    }

    @Override
    public Op withActivation(Activation other) {
        return other.kind() == Activation.Kind.RELU ? new BatchNorm(eps, momentum, other) : null;
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 || i == 5 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 5, 6);
        Ops.floating(this, inputs, inputs.size() == 6 ? new int[] {0, 1, 2, 3, 4, 5} : new int[] {0, 1, 2, 3, 4});
        Shape channels = channels(this, inputs, 0);
        Check.shape(this, inputs, 1, channels, "gamma");
        Check.shape(this, inputs, 2, channels, "beta");
        Check.shape(this, inputs, 3, channels, "the running mean");
        Check.shape(this, inputs, 4, channels, "the running variance");
        if (inputs.size() == 6) {
            Check.shape(this, inputs, 5, inputs.getFirst().shape(), "the residual");
        }
        checkRows(this, inputs);
        Spec x = inputs.getFirst();
        return List.of(x, x.withShape(channels), x.withShape(channels));
    }

    /** [C] for an input of shape [N, C] or [N, C, H, W]. */
    static Shape channels(Op op, List<Spec> inputs, int i) {
        Shape x = inputs.get(i).shape();
        if (x.rank() != 2 && x.rank() != 4) {
            throw Ops.error(op, inputs, "input " + i + " must have shape [N, C] or [N, C, H, W], not " + x);
        }
        return Shape.of(x.dim(1));
    }

    static void checkRows(Op op, List<Spec> inputs) {
        Shape x = inputs.getFirst().shape();
        if (x.count() / x.dim(1) < 2) {
            throw Ops.error(op, inputs, "needs at least 2 values per channel to have a variance");
        }
    }

    @Override
    public int[] mutates() {
        return RUNNING.clone();
    }

    @Override
    public boolean inPlace(int i) {
        return i == 5;
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_BATCHNORM_TRAIN(), activation);
        sn_batchnorm_args.eps(args, eps);
        sn_batchnorm_args.momentum(args, momentum);
        call.in(args, sn_batchnorm_args.x$offset(), 0);
        call.in(args, sn_batchnorm_args.gamma$offset(), 1);
        call.in(args, sn_batchnorm_args.beta$offset(), 2);
        call.in(args, sn_batchnorm_args.running_mean$offset(), 3);
        call.in(args, sn_batchnorm_args.running_var$offset(), 4);
        if (call.inputs() == 6) {
            call.in(args, sn_batchnorm_args.residual$offset(), 5);
        }
        call.out(args, sn_batchnorm_args.y$offset(), 0);
        call.out(args, sn_batchnorm_args.save_mean$offset(), 1);
        call.out(args, sn_batchnorm_args.save_invstd$offset(), 2);
        call.workspace(args, sn_batchnorm_args.workspace$offset(), sn_batchnorm_args.workspace_bytes$offset());
    }

    /** Begins a call whose input 0 is x. */
    static MemorySegment begin(Call call, int code, Activation activation) {
        var args = call.begin(code, sn_batchnorm_args.layout());
        Shape x = call.input(0).shape();
        sn_batchnorm_args.dtype(args, call.input(0).dtype().code());
        sn_batchnorm_args.act(args, activation.kind().code());
        sn_batchnorm_args.rows(args, x.count() / x.dim(1));
        sn_batchnorm_args.c(args, x.dim(1));
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        if (context.inputs() == 6) {
            throw context.noRule("with a residual");
        }
        boolean relu = activation.kind() == Activation.Kind.RELU;
        Tensor[] gradients = new Tensor[5];
        if (context.dy() != null) {
            Tensor[] found = Ops.applyAll(new BatchNormGradient(activation), Ops.present(context.input(0), context.dy(), context.input(1),
                    context.output(1), context.output(2), relu ? context.input(2) : null));
            System.arraycopy(found, 0, gradients, 0, 3);
        }
        if (context.gradient(1) != null || context.gradient(2) != null) {
            Shape x = context.spec(0).shape();
            Tensor more = slope(context.input(0), context.output(1), context.output(2))
                    .ofStatistics(alongChannels(context.gradient(1), x), alongChannels(context.gradient(2), x));
            gradients[0] = NormalizationSlope.plus(gradients[0], more);
        }
        return gradients;
    }

    private static Tensor alongChannels(Tensor statistics, Shape x) {
        return statistics == null ? null : x.rank() == 2 ? statistics.reshape(1, -1) : statistics.reshape(1, -1, 1, 1);
    }

    /** The derivative for x and its statistics. */
    static NormalizationSlope slope(Tensor x, Tensor mean, Tensor invstd) {
        Shape shape = x.shape();
        return new NormalizationSlope(x, v -> v, shape.rank() == 2 ? List.of(0) : List.of(0, 2, 3), alongChannels(mean, shape),
                alongChannels(invstd, shape), true);
    }

    /** Two passes for the moments, one for the result. */
    @Override
    public long flops(List<Spec> inputs) {
        return 7 * inputs.getFirst().shape().count();
    }
}
