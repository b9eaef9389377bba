package dev.sinew.app;

import dev.sinew.Shape;
import dev.sinew.data.Digits;
import dev.sinew.data.FashionMnist;
import dev.sinew.data.Mnist;
import dev.sinew.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The data sets that the command line knows, each with the numbers by which it is normalised. */
enum Data {
    DIGITS(Shape.of(1, 8, 8), 0, 1),
    FASHION_MNIST(Shape.of(1, 28, 28), 0.2860, 0.3530),
    MNIST(Shape.of(1, 28, 28), 0.1307, 0.3081);

    static final int CLASSES = 10;

    private final Shape input;
    private final double mean;
    private final double deviation;

    Data(Shape input, double mean, double deviation) {
        this.input = input;
        this.mean = mean;
        this.deviation = deviation;
    }

    /** The shape of one sample. */
    Shape input() {
        return input;
    }

    /** The mean that was subtracted from pixels between 0 (background) and 1. */
    double mean() {
        return mean;
    }

    /** What they were divided by then. */
    double deviation() {
        return deviation;
    }

    /**
     * Reads training and test part.
     *
     * @param folder where the files are; null: where the data set is to be found without being told
     */
    Split load(Path folder) throws IOException {
        if (folder != null && !Files.isDirectory(folder)) {
            throw new UserError("--data-dir " + folder + " is not a folder");
        }
        return switch (this) {
            case DIGITS -> Digits.load();
            case FASHION_MNIST -> folder == null ? FashionMnist.load() : FashionMnist.load(folder);
            case MNIST -> {
                if (folder == null) {
                    throw new UserError("mnist is not in the jar: name the folder of its four files, train-images-idx3-ubyte.gz and so"
                            + " on, with --data-dir");
                }
                yield Mnist.load(folder);
            }
        };
    }

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
