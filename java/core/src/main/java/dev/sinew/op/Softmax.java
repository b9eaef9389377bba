package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_softmax_args;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * y = exp(x - max) / sum over the last dimension of a tensor of rank at least 1, or the logarithm of that.
 *
 * @param log whether the logarithm is computed
 */
public record Softmax(boolean log) implements Op {
    @Override
    public String name() {
        return log ? "log_softmax" : "softmax";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        if (inputs.getFirst().shape().rank() == 0) {
            throw Ops.error(this, inputs, "a scalar has no last dimension");
        }
        return inputs;
    }

    @Override
    public boolean inPlace(int i) {
        return true;
    }

    @Override
    public void encode(Call call) {
        var args = begin(call, Sinew.SN_OP_SOFTMAX_FORWARD(), log);
        call.in(args, sn_softmax_args.x$offset(), 0);
        call.out(args, sn_softmax_args.y$offset(), 0);
    }

    static MemorySegment begin(Call call, int code, boolean log) {
        var args = call.begin(code, sn_softmax_args.layout());
        Shape shape = call.output(0).shape();
        sn_softmax_args.dtype(args, call.output(0).dtype().code());
        sn_softmax_args.log(args, log ? 1 : 0);
        sn_softmax_args.rows(args, shape.count() / shape.dim(-1));
        sn_softmax_args.cols(args, shape.dim(-1));
        return args;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new SoftmaxGradient(log), context.dy(), context.output(0))};
    }
}
