package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import dev.sinew.train.TrainingListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Learning rates that change while a net learns. */
final class Schedules implements Reproduction {
    private static final int REPEATS = 3;
    private static final double RATE = 0.1;

    @Override
    public String id() {
        return "schedules";
    }

    @Override
    public String title() {
        return "Learning-rate schedules";
    }

    @Override
    public String about() {
        return "A high rate makes progress at first, but keeps jumping about the goal, because each batch pulls elsewhere; a low one settles but is slow to"
                + " arrive. Schedules begin high and end low: in steps, exponentially, along a cosine `a/2 (1 + cos(pi t/T))`, with a warm-up"
                + " before, restarts between, in one cycle of rise and fall, or whenever the validation loss no longer falls.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Dataset train = lab.digits().train().head(1200);
        Dataset validation = lab.digits().train().slice(1200, 1437);
        int epochs = lab.pick(16, 40);
        long steps = 150L * epochs;
        Map<String, Schedule> ways = new LinkedHashMap<>();
        ways.put("constant", Schedule.constant(RATE));
        ways.put("steps", Schedule.step(RATE, epochs / 4, 0.2));
        ways.put("exponential", Schedule.exponential(RATE, Math.pow(0.01, 1.0 / epochs)));
        ways.put("linear", Schedule.polynomial(RATE, 1));
        ways.put("cosine", Schedule.cosine(RATE));
        ways.put("cosine after warm-up", Schedule.cosine(RATE).warmUp(steps / 10));
        ways.put("cosine with restarts", Schedule.cosineRestarts(RATE, 0, epochs / 4, 1));
        ways.put("one cycle", Schedule.oneCycle(RATE));
        ways.put("up and down", Schedule.cyclic(RATE / 100, RATE, steps / 8, steps / 8));
        ways.put("plateau", Schedule.plateau(RATE).factor(0.2).patience(1));
        Curves[] rates = {Curves.of("Rates: falling", "epoch", "rate"), Curves.of("Rates: rising too", "epoch", "rate")};
        Curves losses = Curves.of("Training loss", "epoch", "cross-entropy").logarithmic();
        List<List<String>> rows = new ArrayList<>();
        Map<String, Double> ends = new LinkedHashMap<>();
        Map<String, double[]> firstRates = new LinkedHashMap<>();
        for (Map.Entry<String, Schedule> way : ways.entrySet()) {
            double loss = 0;
            double accuracy = 0;
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                try (Network net = Drill.net(Drill.seed(lab, repeat), 24)) {
                    List<Double> measured = new ArrayList<>();
                    Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(way.getValue()).momentum(0.9)).batch(8).epochs(epochs)
                            .seed(Drill.seed(lab, repeat)).validation(validation).listener(new TrainingListener() {
                                @Override
                                public void step(Control control) {
                                    measured.add(control.rate());
                                }
                            }).fit(train);
                    loss += run.evaluate(train).loss() / REPEATS;
                    accuracy += run.evaluate(lab.digits().test()).accuracy() / REPEATS;
                    if (repeat == 0) {
                        double[] rate = measured.stream().mapToDouble(r -> r).toArray();
                        firstRates.put(way.getKey(), rate);
                        rates[firstRates.size() <= 5 || way.getKey().equals("plateau") ? 0 : 1].add(way.getKey(),
                                IntStream.range(0, rate.length).mapToDouble(i -> i / 150.0).toArray(), rate);
                        losses.add(way.getKey(), Drill.losses(run));
                    }
                }
            }
            ends.put(way.getKey(), loss);
            rows.add(List.of(way.getKey(), Drill.text("%.4f", loss), Drill.text("%.4f", accuracy)));
        }
        findings.plot(rates[0].draw(), "The rate of every step, as it was used.");
        findings.plot(rates[1].draw(), "The same of schedules that also rise.");
        findings.plot(losses.draw(), "One hidden layer of 24 ReLU units on 1,200 digits, momentum 0.9, batches of 8: a high rate and much noise.");
        findings.table("After " + epochs + " epochs, means of " + REPEATS + " seeds", List.of("schedule", "training loss", "test accuracy"), rows);
        double[] cosine = firstRates.get("cosine");
        findings.near("cosine: rate in the middle", RATE / 2, cosine[cosine.length / 2], 1e-6, "%.5f");
        double[] fallen = firstRates.get("steps");
        findings.near("steps: rate at the end", RATE * Math.pow(0.2, 3), Drill.last(fallen), 1e-6, "%.5f");
        double[] cycle = firstRates.get("one cycle");
        int peak = IntStream.range(0, cycle.length).reduce(0, (best, i) -> cycle[i] > cycle[best] ? i : best);
        findings.near("one cycle: share of the steps at the highest rate", 0.3, (double) peak / cycle.length, 0.005, "%.3f");
        for (String name : List.of("steps", "exponential", "linear", "cosine", "cosine after warm-up", "one cycle", "plateau")) {
            findings.atMost(name + ": training loss at the end, to the constant rate's", 0.5, ends.get(name) / ends.get("constant"), "%.3f");
        }
    }
}
