package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_groupnorm_args;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Normalisation of each sample by itself, in groups of channels that follow each other (Wu, He 2018): y = gamma (x - mean)
 * / sqrt(var + eps) + beta with the mean and the biased variance of the group. One group for a matrix: layer normalisation
 * (Ba et al. 2016); as many groups as channels: instance normalisation (Ulyanov et al. 2016); with {@code rms} the mean
 * counts as 0 and var is the mean square (Zhang, Sennrich 2019).
 *
 * <p>Inputs: x [N, C] or [N, C, H, W], optionally gamma [C], and after that optionally beta [C]; outputs y, saveMean and
 * saveInvstd, both [N, groups].
 *
 * @param groups divides C
 * @param eps at least 0; PyTorch's default is 1e-5
 * @param rms whether the mean is left alone
 */
public record GroupNorm(long groups, double eps, boolean rms) implements Op {
    /** Checks the ranges. */
    public GroupNorm {
        if (groups < 1) {
            throw new IllegalArgumentException("groupnorm: groups must be at least 1, not " + groups);
        }
        Check.notNegative("groupnorm", "eps", eps);
    }

    @Override
    public String name() {
        return "groupnorm";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return i == 0 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 3);
        Shape channels = channels(this, inputs);
        for (int i = 1; i < inputs.size(); i++) {
            Ops.floating(this, inputs, 0, i);
            Check.shape(this, inputs, i, channels, i == 1 ? "gamma" : "beta");
        }
        Spec x = inputs.getFirst();
        Spec saved = saved(x);
        return List.of(x, saved, saved);
    }

    /** [C], after the checks of x, which is input 0. */
    Shape channels(Op op, List<Spec> inputs) {
        Ops.floating(op, inputs, 0);
        Shape channels = BatchNorm.channels(op, inputs, 0);
        if (channels.dim(0) % groups != 0) {
            throw Ops.error(op, inputs, groups + " groups do not divide " + channels.dim(0) + " channels");
        }
        return channels;
    }

    Spec saved(Spec x) {
        return new Spec(x.dtype(), Shape.of(x.shape().dim(0), groups), Layout.ROW_MAJOR);
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_GROUPNORM_FORWARD());
        call.in(args, sn_groupnorm_args.x$offset(), 0);
        if (call.inputs() > 1) {
            call.in(args, sn_groupnorm_args.gamma$offset(), 1);
        }
        if (call.inputs() > 2) {
            call.in(args, sn_groupnorm_args.beta$offset(), 2);
        }
        call.out(args, sn_groupnorm_args.y$offset(), 0);
        call.out(args, sn_groupnorm_args.save_mean$offset(), 1);
        call.out(args, sn_groupnorm_args.save_invstd$offset(), 2);
    }

    /** Begins a call whose input 0 is x. */
    MemorySegment begin(Call call, int code) {
        var args = call.begin(code, sn_groupnorm_args.layout());
        Shape x = call.input(0).shape();
        sn_groupnorm_args.dtype(args, call.input(0).dtype().code());
        sn_groupnorm_args.rms(args, rms ? 1 : 0);
        sn_groupnorm_args.n(args, x.dim(0));
        sn_groupnorm_args.rows(args, x.count() / x.dim(0) / x.dim(1));
        sn_groupnorm_args.c(args, x.dim(1));
        sn_groupnorm_args.groups(args, groups);
        sn_groupnorm_args.eps(args, eps);
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[context.inputs()];
        if (context.dy() != null) {
            Tensor[] found = Ops.applyAll(new GroupNormGradient(this), Ops.present(context.input(0), context.dy(), context.output(1),
                    context.output(2), context.inputs() > 1 ? context.input(1) : null));
            System.arraycopy(found, 0, gradients, 0, gradients.length);
        }
        if (context.gradient(1) != null || context.gradient(2) != null) {
            Tensor more = slope(context.input(0), context.output(1), context.output(2))
                    .ofStatistics(grouped(context.gradient(1)), grouped(context.gradient(2)));
            gradients[0] = NormalizationSlope.plus(gradients[0], more);
        }
        return gradients;
    }

    private static Tensor grouped(Tensor statistics) {
        return statistics == null ? null : statistics.reshape(statistics.shape().dim(0), statistics.shape().dim(1), 1);
    }

    /** The derivative for x and its statistics. */
    NormalizationSlope slope(Tensor x, Tensor mean, Tensor invstd) {
        return new NormalizationSlope(x, v -> v.reshape(v.shape().dim(0), groups, -1), List.of(2), grouped(mean), grouped(invstd), !rms);
    }

    /** Two passes for the moments, one for the result. */
    @Override
    public long flops(List<Spec> inputs) {
        return 7 * inputs.getFirst().shape().count();
    }
}
