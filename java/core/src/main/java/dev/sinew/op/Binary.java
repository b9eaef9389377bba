package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_binary_args;
import java.util.List;
import java.util.Objects;

/**
 * An elementwise function of two tensors of one shape, or, where asked for, of shapes that broadcast: aligned at the last
 * dimension, each pair of sizes equal or one of them 1 (or missing).
 *
 * @param kind which function
 * @param broadcast whether shapes may differ
 */
public record Binary(Kind kind, Broadcast broadcast) implements Op {
    /** The functions. */
    public enum Kind {
        /** a + b. */
        ADD(Sinew.SN_ADD()),
        /** a - b. */
        SUB(Sinew.SN_SUB()),
        /** a b. */
        MUL(Sinew.SN_MUL()),
        /** a / b. */
        DIV(Sinew.SN_DIV()),
        /** The larger; NaN wins. Equals share the gradient. */
        MAXIMUM(Sinew.SN_MAXIMUM()),
        /** The smaller; NaN wins. Equals share the gradient. */
        MINIMUM(Sinew.SN_MINIMUM()),
        /** a to the power of b. */
        POW(Sinew.SN_POW()),
        /** 1 where a equals b, else 0; no gradient. */
        EQUAL(Sinew.SN_EQUAL()),
        /** 1 where a is greater than b, else 0; no gradient. */
        GREATER(Sinew.SN_GREATER());

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** Checks that both are there. */
    public Binary {
        Objects.requireNonNull(kind, "binary: kind");
        Objects.requireNonNull(broadcast, "binary: broadcast");
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Both in the layout of an operand that has the result's rank 4 and is channels-last, if there is one. */
    @Override
    public Layout layout(int i, List<Spec> inputs) {
        boolean bothRank4 = inputs.stream().allMatch(spec -> spec.shape().rank() == 4);
        boolean channelsLast = inputs.stream().anyMatch(spec -> spec.layout() == Layout.CHANNELS_LAST);
        return bothRank4 && channelsLast ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 2, 2);
        Ops.floating(this, inputs, 0, 1);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        if (a.equals(b)) {
            return List.of(inputs.get(0));
        }
        if (broadcast == Broadcast.NO) {
            throw Ops.error(this, inputs, "the shapes must be equal; pass Broadcast.YES to repeat the smaller operand");
        }
        return List.of(new Spec(inputs.get(0).dtype(), broadcastShape(inputs, a, b), layout(0, inputs)));
    }

    private Shape broadcastShape(List<Spec> inputs, Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        long[] dims = new long[rank];
        for (int d = 1; d <= rank; d++) {
            long fromA = d <= a.rank() ? a.dim(-d) : 1;
            long fromB = d <= b.rank() ? b.dim(-d) : 1;
            if (fromA != fromB && fromA != 1 && fromB != 1) {
                throw Ops.error(this, inputs, "the shapes do not broadcast: sizes " + fromA + " and " + fromB + " of dimension "
                        + (rank - d) + " are neither equal nor 1");
            }
            dims[rank - d] = Math.max(fromA, fromB);
        }
        return Check.result(this, inputs, dims);
    }

    @Override
    public boolean inPlace(int i) {
        return true;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_BINARY(), sn_binary_args.layout());
        Spec out = call.output(0);
        sn_binary_args.dtype(args, out.dtype().code());
        sn_binary_args.kind(args, kind.code);
        sn_binary_args.dims(args, out.shape().rank());
        call.longs(args, sn_binary_args.shape$offset(), out.physicalDims());
        call.longs(args, sn_binary_args.stride_a$offset(), strides(call.input(0), out));
        call.longs(args, sn_binary_args.stride_b$offset(), strides(call.input(1), out));
        call.in(args, sn_binary_args.a$offset(), 0);
        call.in(args, sn_binary_args.b$offset(), 1);
        call.out(args, sn_binary_args.y$offset(), 0);
    }

    /** The strides of an operand along the result's dimensions in memory order; 0 where it is repeated. */
    static long[] strides(Spec operand, Spec out) {
        int rank = out.shape().rank();
        int missing = rank - operand.shape().rank();
        long[] own = operand.strides();
        long[] strides = new long[rank];
        for (int d = missing; d < rank; d++) {
            strides[out.physicalIndex(d)] = operand.shape().dim(d - missing) == 1 ? 0 : own[d - missing];
        }
        return strides;
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Tensor[] gradients = new Tensor[2];
        for (int i = 0; i < 2; i++) {
            if (context.needs(i)) {
                Tensor gradient = gradient(context, i);
                gradients[i] = gradient == null ? null : Reduce.sumTo(gradient, context.spec(i).shape());
            }
        }
        return gradients;
    }

    private Tensor gradient(Backward context, int i) {
        Tensor dy = context.dy();
        return switch (kind) {
            case ADD -> dy;
            case SUB -> i == 0 ? dy : dy.mul(-1);
            case MUL -> dy.mul(context.input(1 - i), broadcast);
            case DIV -> i == 0 ? dy.div(context.input(1), broadcast)
                    : dy.mul(context.output(0)).div(context.input(1), broadcast).mul(-1);
            case MAXIMUM, MINIMUM -> dy.mul(share(context, i), broadcast);
            case POW -> i == 0
                    ? dy.mul(context.input(1), broadcast).mul(context.input(0).pow(context.input(1).sub(1), broadcast), broadcast)
                    : dy.mul(context.output(0)).mul(context.input(0).log(), broadcast);
            case EQUAL, GREATER -> null;
        };
    }

    /** 1 where input i is the result alone, 1/2 where both are. */
    private Tensor share(Backward context, int i) {
        Tensor mine = context.input(i);
        Tensor other = context.input(1 - i);
        Tensor ties = mine.equal(other, broadcast).mul(0.5);
        return kind == Kind.MAXIMUM ? mine.greater(other, broadcast).add(ties) : other.greater(mine, broadcast).add(ties);
    }
}
