package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_blend_args;
import java.util.List;

/**
 * y = keep y + share x, where y is: running averages of weights, sums of gradients.
 *
 * <p>Inputs: y, x of the same shape, keep and share (float64 scalars). y is overwritten; where keep is 0 it is not read,
 * and with keep 1 and share 0 nothing is done. There is no output.
 */
public record Blend() implements Op {
    @Override
    public String name() {
        return "blend";
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return inputs.get(i == 1 ? 0 : i).layout();
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 4, 4);
        Ops.floating(this, inputs, 0, 1);
        Check.shape(this, inputs, 1, inputs.getFirst().shape(), "what is blended in");
        Check.cell(this, inputs, 2, DType.F64, "the share that is kept");
        Check.cell(this, inputs, 3, DType.F64, "the share that is added");
        return List.of();
    }

    @Override
    public int[] mutates() {
        return new int[] {0};
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_BLEND(), sn_blend_args.layout());
        sn_blend_args.dtype(args, call.input(0).dtype().code());
        sn_blend_args.count(args, call.input(0).shape().count());
        call.in(args, sn_blend_args.y$offset(), 0);
        call.in(args, sn_blend_args.x$offset(), 1);
        call.in(args, sn_blend_args.keep$offset(), 2);
        call.in(args, sn_blend_args.share$offset(), 3);
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(it changes a tensor where it is)");
    }
}
