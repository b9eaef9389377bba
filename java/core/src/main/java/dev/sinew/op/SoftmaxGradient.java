package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_softmax_args;
import java.util.List;

/**
 * The gradient of {@link Softmax}: dx = y (dy - sum(dy y)), or dx = dy - exp(y) sum(dy) for its logarithm, the sums over
 * the last dimension. Inputs: dy and y; output dx.
 *
 * @param log whether y is the logarithm
 */
public record SoftmaxGradient(boolean log) implements Op {
    @Override
    public String name() {
        return log ? "log_softmax_gradient" : "softmax_gradient";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Check.shape(this, inputs, 1, inputs.get(0).shape(), "y");
        if (inputs.getFirst().shape().rank() == 0) {
            throw Ops.error(this, inputs, "a scalar has no last dimension");
        }
        return List.of(inputs.get(0));
    }

    @Override
    public boolean inPlace(int i) {
        return i == 0;
    }

    @Override
    public void encode(Call call) {
        var args = Softmax.begin(call, Sinew.SN_OP_SOFTMAX_BACKWARD(), log);
        call.in(args, sn_softmax_args.dy$offset(), 0);
        call.in(args, sn_softmax_args.y$offset(), 1);
        call.out(args, sn_softmax_args.dx$offset(), 0);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor g = context.dy();
        Tensor y = context.input(1);
        Tensor[] gradients = new Tensor[2];
        Tensor p = log ? y.exp() : y;
        if (context.needs(0)) {
            gradients[0] = log ? g.sub(sum(g.mul(p)), Broadcast.YES) : Ops.apply(this, g, y);
        }
        if (context.needs(1)) {
            Tensor dy = context.input(0);
            gradients[1] = log
                    ? g.mul(p).mul(sum(dy), Broadcast.YES).mul(-1)
                    : g.mul(dy.sub(sum(dy.mul(y)), Broadcast.YES)).sub(dy.mul(sum(g.mul(y)), Broadcast.YES));
        }
        return gradients;
    }

    private static Tensor sum(Tensor tensor) {
        return Ops.apply(new Reduce(Reduce.Kind.SUM, List.of(-1), true), tensor);
    }
}
