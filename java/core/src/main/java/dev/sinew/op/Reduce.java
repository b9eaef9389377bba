package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_reduce_args;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Sum, mean, maximum, or the place of the maximum, over some dimensions. Of equals the first counts for the place, and
 * all share the gradient of the maximum; NaN wins.
 *
 * @param kind which reduction
 * @param dims the dimensions, negative ones counted from the end; none means all
 * @param keep whether they stay, with size 1
 */
public record Reduce(Kind kind, List<Integer> dims, boolean keep) implements Op {
    /** The reductions. */
    public enum Kind {
        /** The sum. */
        SUM(Sinew.SN_SUM()),
        /** The mean. */
        MEAN(Sinew.SN_MEAN()),
        /** The maximum. */
        MAX(Sinew.SN_MAX()),
        /** The row-major index (int32) of the maximum within the reduced dimensions; no gradient. */
        ARGMAX(Sinew.SN_ARGMAX());

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /** Copies the list. */
    public Reduce {
        Objects.requireNonNull(kind, "reduce: kind");
        dims = List.copyOf(Objects.requireNonNull(dims, "reduce: dims"));
    }

    /** Over some dimensions, or all when none is given; they vanish. */
    public static Reduce of(Kind kind, int... dims) {
        return new Reduce(kind, Arrays.stream(dims).boxed().toList(), false);
    }

    /**
     * Undoes a broadcast: sums over the dimensions along which {@code shape} was repeated to give that of the gradient.
     * The same tensor when the shapes are equal.
     */
    public static Tensor sumTo(Tensor gradient, Shape shape) {
        Shape from = gradient.shape();
        if (from.equals(shape)) {
            return gradient;
        }
        int missing = from.rank() - shape.rank();
        List<Integer> repeated = new ArrayList<>();
        for (int d = 0; d < from.rank(); d++) {
            if (d < missing || shape.dim(d - missing) == 1 && from.dim(d) != 1) {
                repeated.add(d);
            }
        }
        Tensor sum = repeated.isEmpty() ? gradient : Ops.apply(new Reduce(Kind.SUM, repeated, missing == 0), gradient);
        return sum.shape().equals(shape) ? sum : Ops.apply(new Reshape(shape), sum);
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * Channels-last where it is so already and the remaining dimensions (and, for the place of the maximum, the reduced
     * ones) follow each other in memory as they do in the logical order.
     */
    @Override
    public Layout layout(int i, List<Spec> inputs) {
        if (i > 0 || inputs.get(i).layout() == Layout.ROW_MAJOR) {
            return Layout.ROW_MAJOR;
        }
        boolean[] reduced = reduced(inputs);
        boolean rest = keep || reduced[1] || reduced[2] && reduced[3];
        boolean order = kind != Kind.ARGMAX || !reduced[1] || !reduced[2] && !reduced[3];
        return rest && order ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Ops.floating(this, inputs, 0);
        Spec x = inputs.getFirst();
        boolean[] reduced = reduced(inputs);
        long[] sizes = x.shape().dims();
        long positions = 1;
        int rank = 0;
        for (int d = 0; d < reduced.length; d++) {
            positions *= reduced[d] ? sizes[d] : 1;
            if (keep || !reduced[d]) {
                sizes[rank++] = reduced[d] ? 1 : sizes[d];
            }
        }
        if (kind == Kind.ARGMAX && positions > Integer.MAX_VALUE) {
            throw Ops.error(this, inputs, "a place among " + positions + " does not fit into int32");
        }
        DType dtype = kind == Kind.ARGMAX ? DType.I32 : x.dtype();
        return List.of(new Spec(dtype, Shape.of(Arrays.copyOf(sizes, rank)), keep ? x.layout() : Layout.ROW_MAJOR));
    }

    private boolean[] reduced(List<Spec> inputs) {
        boolean[] reduced = new boolean[inputs.getFirst().shape().rank()];
        Arrays.fill(reduced, dims.isEmpty());
        for (int dim : dims) {
            int d = Check.dim(this, inputs, 0, dim);
            if (reduced[d]) {
                throw Ops.error(this, inputs, "dimension " + dim + " is given twice in " + dims);
            }
            reduced[d] = true;
        }
        return reduced;
    }

    @Override
    public void encode(Call call) {
        var args = call.begin(Sinew.SN_OP_REDUCE(), sn_reduce_args.layout());
        Spec x = call.input(0);
        boolean[] reduced = reduced(List.of(x));
        sn_reduce_args.dtype(args, x.dtype().code());
        sn_reduce_args.kind(args, kind.code);
        sn_reduce_args.dims(args, reduced.length);
        call.longs(args, sn_reduce_args.shape$offset(), x.physicalDims());
        for (int d = 0; d < reduced.length; d++) {
            args.set(ValueLayout.JAVA_INT, sn_reduce_args.reduced$offset() + 4L * x.physicalIndex(d), reduced[d] ? 1 : 0);
        }
        call.in(args, sn_reduce_args.x$offset(), 0);
        call.out(args, sn_reduce_args.y$offset(), 0);
        call.workspace(args, sn_reduce_args.workspace$offset(), sn_reduce_args.workspace_bytes$offset());
    }

    @Override
    public Tensor[] gradient(Backward context) {
        Spec x = context.spec(0);
        return switch (kind) {
            case SUM -> new Tensor[] {spread(context.dy(), x)};
            case MEAN -> {
                double share = (double) context.dy().shape().count() / x.shape().count();
                yield new Tensor[] {spread(context.dy().mul(share), x)};
            }
            case MAX -> {
                Tensor most = kept(context.output(0), x).equal(context.input(0), Broadcast.YES);
                Tensor ties = Ops.apply(new Reduce(Kind.SUM, dims, true), most);
                yield new Tensor[] {most.mul(kept(context.dy(), x).div(ties), Broadcast.YES)};
            }
            case ARGMAX -> new Tensor[1];
        };
    }

    private Tensor spread(Tensor dy, Spec x) {
        return Ops.apply(new BroadcastTo(x.shape()), kept(dy, x));
    }

    /** The result with the reduced dimensions put back, in the layout of x, so that what follows stays in it. */
    private Tensor kept(Tensor result, Spec x) {
        Shape shape = new Reduce(kind, dims, true).outputs(List.of(x)).getFirst().shape();
        Tensor kept = result.shape().equals(shape) ? result : Ops.apply(new Reshape(shape), result);
        return Convert.to(x.layout(), kept);
    }
}
