package dev.sinew.op;

import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_conv2d_args;
import dev.sinew.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * The weight of a {@link Conv2d} in the order in which the kernels of the instruction set in use read it; plans prepare
 * constant weights so. Input: weight [O, C/groups, KH, KW]; output: bytes, as elements of the weight's type.
 *
 * @param window of the convolution
 * @param groups of the convolution
 * @param input the shape of the convolution's x
 */
public record Conv2dPack(Window2d window, long groups, Shape input) implements Op {
    /** Checks the numbers. */
    public Conv2dPack {
        Objects.requireNonNull(window, "conv2d_pack: window");
        Objects.requireNonNull(input, "conv2d_pack: input");
        Conv2d.checkGroups(groups);
    }

    @Override
    public String name() {
        return "conv2d_pack";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Check.rank(this, inputs, 0, 4, "[O, C/groups, KH, KW]");
        if (input.rank() != 4) {
            throw Ops.error(this, inputs, "the convolution's input must have shape [N, C, H, W], not " + input);
        }
        Spec weight = inputs.getFirst();
        Shape y = Conv2d.result(this, inputs, window, groups, input, weight.shape());
        Native.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment args = arena.allocate(sn_conv2d_args.layout());
            Conv2d.sizes(args, weight.dtype(), window, groups, input, y);
            return List.of(Check.packed(this, inputs, weight, Sinew.sn_packed_bytes(Sinew.SN_OP_CONV2D_PACK(), args)));
        }
    }

    @Override
    public Layout layout(int i, List<Spec> inputs) {
        return Layout.ROW_MAJOR;
    }

    @Override
    public void encode(Call call) {
        Shape y = Conv2d.result(this, List.of(call.input(0)), window, groups, input, call.input(0).shape());
        var args = Conv2d.begin(call, Sinew.SN_OP_CONV2D_PACK(), window, groups, input, y);
        call.in(args, sn_conv2d_args.weight$offset(), 0);
        call.out(args, sn_conv2d_args.packed$offset(), 0);
        sn_conv2d_args.packed_bytes(args, call.output(0).bytes());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        throw context.noRule("(a weight prepared for a plan)");
    }
}
