package dev.sinew.app.reproduce.mlp;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.diagnosis.GradientCheck;
import dev.sinew.graph.Gradients;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Back-propagation through the deck's computational graph, and what its gates do with a gradient. */
final class Gates implements Reproduction {
    @Override
    public String id() {
        return "gates";
    }

    @Override
    public String title() {
        return "Back-propagation through a computational graph";
    }

    @Override
    public String about() {
        return "In `f = (x + y) z` at `x = -2, y = 5, z = -4` the chain rule gives `df/dx = df/dy = z = -4` and `df/dz = x + y = 3`. An add gate"
                + " distributes the gradient that comes in, a max gate routes it to the larger input, a multiply gate switches: each input gets the"
                + " other one times it.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        try (var _ = Scope.open()) {
            double[] g = gradients(in -> in[0].add(in[1]).mul(in[2]), -2, 5, -4);
            findings.near("df/dx", -4, g[0], 0, "%.0f").near("df/dy", -4, g[1], 0, "%.0f").near("df/dz", 3, g[2], 0, "%.0f");
            double[] add = gradients(in -> in[0].add(in[1]).mul(2), 3, -1);
            double[] max = gradients(in -> in[0].maximum(in[1], Broadcast.NO).mul(2), 3, -1);
            double[] mul = gradients(in -> in[0].mul(in[1]).mul(2), 3, -1);
            gate(findings, "add distributes", new double[] {2, 2}, add);
            gate(findings, "max routes", new double[] {2, 0}, max);
            gate(findings, "mul switches", new double[] {-2, 6}, mul);
            findings.table("A gradient of 2 comes into a gate with inputs 3 and -1", List.of("gate", "to 3", "to -1"), List.of(
                    row("add", add), row("max", max), row("mul", mul)));
            Tensor x = Tensor.full(DType.F64, Shape.of(1), -2);
            Tensor y = Tensor.full(DType.F64, Shape.of(1), 5);
            Tensor z = Tensor.full(DType.F64, Shape.of(1), -4);
            var report = GradientCheck.of(in -> in[0].add(in[1]).mul(in[2]), x, y, z).report();
            findings.check("numerical gradient check of f", "right", report.isRight() ? "right, " + report.compared() + " compared" : report.toString(),
                    report.isRight());
        }
    }

    private static void gate(Findings findings, String name, double[] target, double[] measured) {
        findings.check(name, Arrays.toString(target), Arrays.toString(measured), Arrays.equals(target, measured));
    }

    private static List<String> row(String name, double[] g) {
        return List.of(name, String.format(Locale.ROOT, "%.0f", g[0]), String.format(Locale.ROOT, "%.0f", g[1]));
    }

    private static double[] gradients(Function<Tensor[], Tensor> f, double... at) {
        Tensor[] in = Arrays.stream(at).mapToObj(v -> Tensor.full(DType.F64, Shape.scalar(), v)).toArray(Tensor[]::new);
        Gradients g = Gradients.of(f.apply(in), in);
        return Arrays.stream(in).mapToDouble(t -> g.get(t).item()).toArray();
    }
}
