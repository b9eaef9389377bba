package user;

import dev.sinew.Broadcast;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.transform.Transform;
import dev.sinew.diagnosis.GradientCheck;
import dev.sinew.functional.Normalization;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.io.StateDict;
import dev.sinew.metrics.Classification;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import dev.sinew.optim.Adam;
import dev.sinew.train.Evaluation;
import dev.sinew.train.Evaluator;
import dev.sinew.train.Trainer;
import java.util.List;

/** Something of every package, and a layer of its own in a training. */
public final class Main {
    private Main() {}

    /** Each feature times a weight, normalised. */
    record Scale() implements Layer {
        @Override
        public String kind() {
            return "scale";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public List<ParameterSpec> parameters(Shape input) {
            return List.of(ParameterSpec.of("weight", input, new Initializer.Constant(1)));
        }

        @Override
        public Tensor apply(Context context, Tensor x) {
            Tensor normal = Normalization.layerNorm(x, 1, null, null, 1e-5);
            return Ops.apply(Unary.of(Unary.Kind.TANH), normal.mul(context.parameter("weight"), Broadcast.YES));
        }
    }

    public static void main(String[] args) {
        GradientCheck.of(new Scale(), Shape.of(4), Seed.of(1)).check();
        float[] points = new float[200 * 4];
        int[] labels = new int[200];
        for (int i = 0; i < points.length; i++) {
            points[i] = (float) Math.sin(12.9898 * i);
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = points[4 * i] > points[4 * i + 1] ? 1 : 0;
        }
        ArrayDataset data = ArrayDataset.of(points, Shape.of(4), labels, 2);
        try (Network net = Network.input(4).layer(new Scale()).dense(8).relu().dense(2).build(Seed.of(7)); Scope _ = Scope.open()) {
            Trainer.of(net, Loss.crossEntropy(), Adam.rate(0.02)).epochs(15).batch(20).seed(Seed.of(3)).fit(data);
            Evaluation evaluation = Evaluator.evaluate(net, Loss.crossEntropy(), data);
            System.out.println(net.summary() + "\naccuracy " + evaluation.accuracy() + " " + evaluation.confusionMatrix());
            Classification again = new Classification(2);
            again.add(net.predict(Tensor.of(points, 200, 4)), Tensor.of(labels, 200));
            Graph graph = new Graph();
            Tensor x = graph.input("x", Tensor.zeros(3).spec());
            Tensor y = x.square().sum();
            try (Plan plan = Plan.compile(graph, Gradients.of(y, x).get(x))) {
                plan.run(Tensor.of(new float[] {1, 2, 3}, 3));
                boolean right = plan.output(0).get(2) == 6 && again.accuracy() == evaluation.accuracy() && evaluation.accuracy() > 0.9
                        && StateDict.of(net).containsKey("scale1.weight") && Transform.class.getModule().isNamed();
                if (!right) {
                    throw new IllegalStateException("wrong results");
                }
            }
        }
    }
}
