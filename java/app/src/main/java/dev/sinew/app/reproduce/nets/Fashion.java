package dev.sinew.app.reproduce.nets;

import dev.sinew.Seed;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.data.Dataset;
import dev.sinew.data.transform.Crop;
import dev.sinew.data.transform.Flip;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import dev.sinew.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Trainings on small images, as all nets here have them. */
final class Fashion {
    /** Black in Fashion-MNIST's images as they are loaded. */
    static final double BLACK = -0.2860 / 0.3530;

    private Fashion() {}

    /** Moved by up to two pixels, and half of them mirrored, anew in each epoch. */
    static Dataset moved(Dataset images, Seed seed) {
        int height = (int) images.inputShape().dim(1);
        int width = (int) images.inputShape().dim(2);
        return images.cached().transformed(seed.derive("moved"), Crop.random(height, width).padded(2, BLACK), Flip.horizontal());
    }

    /**
     * Stochastic gradient descent with Nesterov's momentum 0.9, batches of 128, weight decay, the rate falling along a cosine after
     * a warm-up of an epoch, of half a one where there is no other. A long one goes on from where it was interrupted.
     */
    static Training train(Lab lab, String name, Network net, double rate, double decay, int epochs, Dataset data,
            Dataset validation) throws IOException {
        long perEpoch = (data.size() + 127) / 128;
        Trainer trainer = Trainer.of(net, Loss.crossEntropy(), new Sgd(Schedule.cosine(rate).warmUp(epochs > 1 ? perEpoch
                : perEpoch / 2), 0.9, 0, decay, true)).batch(128)
                .epochs(epochs).seed(lab.seed()).listener(new TrainingListener() {
                    @Override
                    public void epoch(EpochReport report, Control control) {
                        lab.say("%s: epoch %d of %d, loss %.3f, %.1f s", name, report.epoch(), epochs, report.trainLoss(),
                                report.seconds());
                    }
                });
        if (validation != null) {
            trainer.validation(validation);
        }
        if (!lab.quick()) {
            Path folder = lab.folder().resolve(name);
            trainer.checkpoints(folder, 0).keep(1);
            Path latest = latest(folder);
            if (latest != null) {
                trainer.resume(latest);
            }
        }
        return trainer.fit(data);
    }

    private static Path latest(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".safetensors"))
                    .max(Comparator.comparingLong(f -> Long.parseLong(f.getFileName().toString().replaceAll("\\D", "")))).orElse(null);
        }
    }
}
