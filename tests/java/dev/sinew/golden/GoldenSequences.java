package dev.sinew.golden;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import dev.sinew.functional.Attention;
import dev.sinew.functional.Ctc;
import dev.sinew.functional.Einsum;
import dev.sinew.functional.Indexing;
import dev.sinew.functional.MultiHead;
import dev.sinew.functional.Recurrent;
import dev.sinew.functional.TransformerEncoder;
import dev.sinew.golden.GoldenCase.Array;
import dev.sinew.op.Ops;
import dev.sinew.op.Recurrence;
import dev.sinew.op.Reduction;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The operations on sequences, for {@link GoldenOps}, and how far their results may be from the exact ones, for {@link Bounds}. */
final class GoldenSequences {
    private GoldenSequences() {}

    /** The outputs by their names, or null for another family. */
    static Map<String, Tensor> outputs(GoldenCase given, Map<String, Tensor> in) {
        return switch (given.family()) {
            case "recurrent" -> recurrent(given, in);
            case "indexing" -> Map.of("y", indexing(given, in));
            case "matmul" -> Map.of("y", in.get("a").matmul(in.get("b")));
            case "einsum" -> Map.of("y", Einsum.of(given.text("equation"), IntStream.range(0, given.inputs().size() - 1)
                    .mapToObj(i -> in.get("x" + i)).toArray(Tensor[]::new)));
            case "attention" -> attention(given, in);
            case "transformer" -> Map.of("y", transformer(given, in));
            case "ctc" -> Map.of("loss", new Ctc((int) given.whole("blank")).loss(in.get("x").logSoftmax(), in.get("labels"),
                    in.get("steps"),
                    in.get("lengths"), Reduction.valueOf(given.text("reduction").toUpperCase(Locale.ROOT)), given.flag("zero_infinity")));
            default -> null;
        };
    }

    private static Recurrent net(GoldenCase given) {
        return new Recurrent(Recurrence.Kind.valueOf(given.text("kind").toUpperCase(Locale.ROOT)), (int) given.whole("layers"),
                given.flag("bias"),
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

    private static Tensor indexing(GoldenCase given, Map<String, Tensor> in) {
        Tensor x = in.get("x");
        Tensor index = in.get("index");
        int dim = (int) given.whole("dim");
        return switch (given.text("op")) {
            case "index_select" -> Indexing.indexSelect(x, dim, index);
            case "index_add" -> Indexing.indexAdd(x, dim, index, in.get("source"));
            case "gather" -> Indexing.gather(x, dim, index);
            case "scatter_add" -> Indexing.scatterAdd(x, dim, index, in.get("source"));
            case "embedding" -> Indexing.embedding(x, index, given.whole("padding"));
            default -> Indexing.oneHot(index, given.whole("size"), x.dtype()).mul(x);
        };
    }

    private static Map<String, Tensor> attention(GoldenCase given, Map<String, Tensor> in) {
        boolean dot = given.text("op").equals("dot");
        Tensor query = in.get(dot ? "q" : "query");
        Tensor key = in.getOrDefault(dot ? "k" : "key", query);
        long keys = key.shape().dim(-2);
        Tensor mask = given.flag("causal") ? Attention.causal(query.shape().dim(-2), keys, query.dtype()) : null;
        if (in.containsKey("lengths")) {
            Tensor padding = Attention.padding(in.get("lengths"), keys, query.dtype());
            mask = mask == null ? padding : padding.add(mask, Broadcast.YES);
        }
        if (dot) {
            Attention.Result r = Attention.scaledDotProduct(query, key, in.get("v"), mask);
            return Map.of("y", r.y(), "weights", r.weights());
        }
        MultiHead op = new MultiHead(given.whole("width"), (int) given.whole("heads"), given.flag("bias"), 0, 0);
        Attention.Result r = op.apply(in::get, query, key, in.getOrDefault("value", query), mask, null);
        return Map.of("y", r.y(), "weights", r.weights().mean(1));
    }

    private static Tensor transformer(GoldenCase given, Map<String, Tensor> in) {
        Tensor x = in.get("x");
        TransformerEncoder op = new TransformerEncoder(MultiHead.of(given.whole("width"), (int) given.whole("heads")), given.whole("hidden"),
                given.flag("gelu"), given.flag("norm_first"), 0, 1e-5);
        Tensor mask = given.flag("causal") ? Attention.causal(x.shape().dim(1), x.shape().dim(1), x.dtype())
                : in.containsKey("lengths") ? Attention.padding(in.get("lengths"), x.shape().dim(1), x.dtype()) : null;
        return op.apply(in::get, x, mask, null);
    }

    /** The bound for every element of a result. */
    static double[] bounds(GoldenCase given, double u, Array expected, boolean gradient) {
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, switch (given.family()) {
            case "recurrent" -> recurrentBound(given, u, expected, gradient);
            // sums of at most all that was added
            case "indexing" -> u * sums(given.shape("index").count()) * Math.max(1, expected.largest());
            case "matmul" -> matmulBound(given, u, expected);
            case "einsum" -> einsumBound(given, u, expected);
            case "attention", "transformer" -> attentionBound(given, u, expected, gradient);
            case "ctc" -> ctcBound(given, u, expected);
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
        double terms = given.inputs().entrySet().stream().filter(e -> e.getKey().startsWith("weight")).mapToDouble(e -> e.getValue()
                .sizes()[1]).max().orElseThrow();
        double sums = gradient ? given.shape("x").count() + 4 * terms : terms;
        return u * steps * (8 + 4 * Math.sqrt(sums)) * Math.max(1, expected.largest());
    }

    private static double sums(double terms) {
        return 8 + 4 * Math.sqrt(terms);
    }

    /** Each element is a sum of products of two of a, b and dy; all elements together are sums of as many as were multiplied. */
    private static double matmulBound(GoldenCase given, double u, Array expected) {
        double products = given.outputs().get("y").values().length * (double) given.shape("a").dim(-1);
        double terms = products / expected.values().length;
        double largest = Math.max(given.inputs().get("dy").largest(), Math.max(given.inputs().get("a").largest(), given.inputs().get("b")
                .largest()));
        return u * sums(terms) * terms * largest * largest;
    }

    /** Sums of products of all tensors, or of all but one and dy; all elements together are of {@code terms} products. */
    private static double einsumBound(GoldenCase given, double u, Array expected) {
        double terms = (double) given.whole("terms") / expected.values().length;
        double largest = given.inputs().values().stream().mapToDouble(array -> Math.max(1, array.largest())).reduce(1, (a, b) -> a * b);
        return u * sums(terms) * Math.max(1, terms) * largest;
    }

    /** A few products one behind the other, of sums of at most so many terms; the exponential takes over their absolute error. */
    private static double attentionBound(GoldenCase given, double u, Array expected, boolean gradient) {
        double terms = given.inputs().values().stream().flatMapToLong(array -> Arrays.stream(array.sizes())).max().orElseThrow();
        double rows = gradient ? given.inputs().values().stream().mapToInt(array -> array.values().length).max().orElseThrow() : 0;
        return u * 16 * sums(terms + rows) * Math.max(1, expected.largest());
    }

    /** Logarithms of up to about 16 at every step, each rounded by log-softmax; their sum is exponentiated in the gradient. */
    private static double ctcBound(GoldenCase given, double u, Array expected) {
        double steps = given.shape("x").dim(0) * (given.text("reduction").equals("sum") ? given.shape("x").dim(1) : 1);
        return u * 16 * sums(steps) * Math.max(1, Math.max(expected.largest(), given.inputs().get("dloss").largest()));
    }
}
