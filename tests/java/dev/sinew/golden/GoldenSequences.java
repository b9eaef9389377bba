package dev.sinew.golden;

import dev.sinew.Tensor;
import dev.sinew.functional.Recurrent;
import dev.sinew.golden.GoldenCase.Array;
import dev.sinew.op.Ops;
import dev.sinew.op.Recurrence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The operations on sequences, for {@link GoldenOps}, and how far their results may be from the exact ones, for {@link Bounds}. */
final class GoldenSequences {
    private GoldenSequences() {}

    /** The outputs by their names, or null for another family. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> in) {
        return switch (given.family()) {
            case "recurrent" -> recurrent(given, in);
            default -> null;
        };
    }

    private static Recurrent net(GoldenCase given) {
        return new Recurrent(Recurrence.Kind.valueOf(given.text("kind").toUpperCase(Locale.ROOT)), (int) given.whole("layers"), given.flag("bias"),
                given.flag("both"), given.flag("batch_first"), 0, 0);
    }

    private static Map<String, Tensor> recurrent(GoldenCase given, Map<String, Tensor> in) {
        Recurrent.State initial = in.containsKey("h0") ? new Recurrent.State(in.get("h0"), in.get("c0")) : null;
        Recurrent.Result r = net(given).apply(in::get, in.get("x"), initial, in.get("lengths"), null);
        Tensor h = r.state().h();
        Tensor c = r.state().c();
        Map<String, Tensor> out = new LinkedHashMap<>();
        if (given.text("result").equals("state")) {
            Tensor[] states = Arrays.stream(Ops.present(h, c)).map(s -> s.reshape(s.shape().withFirst(1).dims())).toArray(Tensor[]::new);
            out.put("y", Tensor.concat(0, states));
            return out;
        }
        out.put("y", r.y());
        out.put("hn", h);
        if (c != null) {
            out.put("cn", c);
        }
        return out;
    }

    /** The bound for every element of a result. */
    static double[] bounds(GoldenCase given, double u, Array expected, boolean gradient) {
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, switch (given.family()) {
            case "recurrent" -> recurrentBound(given, u, expected, gradient);
            default -> throw new AssertionError("no bound for " + given);
        } + 2 * Float.MIN_NORMAL);
        return bounds;
    }

    /**
     * Every step of every layer adds the errors of its sums (of at most so many terms) to those of the state it began with,
     * in slopes of at most about 1; gradients in the same way, in units of the largest.
     */
    private static double recurrentBound(GoldenCase given, double u, Array expected, boolean gradient) {
        double steps = given.shape("x").dim(given.flag("batch_first") ? 1 : 0) * given.whole("layers");
        double terms = given.inputs().entrySet().stream().filter(e -> e.getKey().startsWith("weight")).mapToDouble(e -> e.getValue().sizes()[1]).max().orElseThrow();
        double sums = gradient ? given.shape("x").count() + 4 * terms : terms;
        return u * steps * (8 + 4 * Math.sqrt(sums)) * Math.max(1, expected.largest());
    }
}
