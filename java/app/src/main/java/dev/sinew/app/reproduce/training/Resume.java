package dev.sinew.app.reproduce.training;

import dev.sinew.Seed;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.io.SafeTensors;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import dev.sinew.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A training that breaks off in the middle of an epoch and ends with the same bits. */
final class Resume implements Reproduction {
    private static final int EVERY = 20;
    private static final int[] BREAKS = {37, 113, 201};

    @Override
    public String id() {
        return "resume";
    }

    @Override
    public String title() {
        return "Checkpoints and exact resumption";
    }

    @Override
    public String about() {
        return "A checkpoint has all that the next steps depend on: weights `w`, the optimiser's moments `m` and `v`, the position in the epoch, the"
                + " history, and the settings with their seed. Orders of samples and dropout's choices follow from seed and step number, so a"
                + " training that is broken off anywhere and continued from its last checkpoint ends with the very weights of one that was not.";
    }

    /** What somebody pulling the plug does to a training. */
    private static final class Unplugged extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Dataset train = lab.digits().train();
        TreeMap<Long, Double> whole = new TreeMap<>();
        String hash;
        try (Network net = net(lab.seed())) {
            trainer(lab, net, 0.01, whole, Long.MAX_VALUE).fit(train);
            hash = net.sha256();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("never", "", hash.substring(0, 16)));
        TreeMap<Long, Double> before = new TreeMap<>();
        TreeMap<Long, Double> after = new TreeMap<>();
        for (int at : BREAKS) {
            Path folder = lab.folder().resolve("broken-" + at);
            boolean shown = at == BREAKS[1];
            try (Network net = net(lab.seed())) {
                trainer(lab, net, 0.01, shown ? before : new TreeMap<>(), at).checkpoints(folder, EVERY).keep(100).fit(train);
                findings.check("break at step " + at, "the training fails", "it went on", false);
            } catch (Unplugged e) {
                // as planned
            }
            int from = at / EVERY * EVERY;
            try (Network net = net(lab.seed())) {
                trainer(lab, net, 0.01, shown ? after : new TreeMap<>(), Long.MAX_VALUE).resume(file(folder, from)).fit(train);
                boolean same = net.sha256().equals(hash);
                rows.add(List.of("at step " + at, "from step " + from, net.sha256().substring(0, 16)));
                findings.check("SHA-256 of the weights, broken off at step " + at + ", continued from " + from, hash.substring(0, 16),
                        net.sha256().substring(0, 16), same);
            }
        }
        try (Network net = net(lab.seed().derive("another"))) {
            trainer(lab, net, 0.01, new TreeMap<>(), Long.MAX_VALUE).fit(train);
            rows.add(List.of("never, another seed", "", net.sha256().substring(0, 16)));
            findings.check("the same of another seed", "different", net.sha256().equals(hash) ? "the same" : "different", !net.sha256().equals(hash));
        }
        findings.table("The first 16 of 64 digits", List.of("broken off", "continued", "SHA-256 of the weights"), rows);
        Path kept = file(lab.folder().resolve("broken-" + BREAKS[1]), BREAKS[1] / EVERY * EVERY);
        findings.plot(Curves.of("Loss of every batch", "step", "cross-entropy").bounds(0, 2.6).add("not broken off", x(whole), y(whole))
                .add("until step " + BREAKS[1], x(before), y(before)).add("continued", x(after), y(after)).draw(),
                "An epoch has 45 steps; the run breaks off in the third, and the 13 steps since the last checkpoint are made again. Curves on top of each"
                + " other are the same to the last bit.");
        double off = 0;
        for (long step : after.keySet()) {
            off = Math.max(off, Math.abs(after.get(step) - whole.get(step)));
        }
        findings.check("largest difference of a batch's loss after continuing", "0", Double.toString(off), off == 0 && after.lastKey().equals(whole.lastKey()));
        try (Network net = net(lab.seed())) {
            trainer(lab, net, 0.02, new TreeMap<>(), Long.MAX_VALUE).resume(kept).fit(train);
            findings.check("continuing with another learning rate", "refused", "not refused", false);
        } catch (IllegalArgumentException e) {
            findings.check("continuing with another learning rate", "refused", "refused", e.getMessage().contains("settings"));
        }
        contents(findings, kept);
    }

    private static Network net(Seed seed) {
        return Network.input(1, 8, 8).dense(32).batchNorm().relu().dropout(0.2).dense(10).build(seed);
    }

    private static Trainer trainer(Lab lab, Network net, double rate, TreeMap<Long, Double> losses, long until) {
        return Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(rate))).batch(32).epochs(lab.pick(6, 20)).seed(lab.seed())
                .listener(new TrainingListener() {
                    @Override
                    public void step(Control control) {
                        losses.put(control.step(), control.loss());
                        if (control.step() == until) {
                            throw new Unplugged();
                        }
                    }
                });
    }

    private static Path file(Path folder, int step) {
        return folder.resolve("checkpoint-" + step + ".safetensors");
    }

    private static double[] x(TreeMap<Long, Double> curve) {
        return curve.keySet().stream().mapToDouble(step -> step).toArray();
    }

    private static double[] y(TreeMap<Long, Double> curve) {
        return curve.values().stream().mapToDouble(loss -> loss).toArray();
    }

    private static void contents(Findings findings, Path file) throws IOException {
        try (var _ = dev.sinew.Scope.open()) {
            SafeTensors content = SafeTensors.read(file);
            List<List<String>> rows = new ArrayList<>();
            content.tensors().forEach((name, tensor) -> rows.add(List.of(name, tensor.shape().toString())));
            findings.table("What the checkpoint has, beside position, history and settings", List.of("tensor", "shape"), rows);
        }
    }
}
