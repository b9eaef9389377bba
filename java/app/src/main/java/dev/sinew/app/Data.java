package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.data.Cifar10;
import dev.sinew.data.Cifar100;
import dev.sinew.data.Digits;
import dev.sinew.data.FashionMnist;
import dev.sinew.data.Mnist;
import dev.sinew.data.Split;
import dev.sinew.data.Splits;
import dev.sinew.data.transform.Resize;
import dev.sinew.data.transform.Standardize;
import dev.sinew.files.ImageFolder;
import dev.sinew.files.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The data sets that the command line knows, each with the numbers by which its channels are normalised. */
enum Data {
    DIGITS(List.of(0.0), List.of(1.0)),
    FASHION_MNIST(List.of(0.2860), List.of(0.3530)),
    MNIST(List.of(0.1307), List.of(0.3081)),
    CIFAR10(List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616)),
    CIFAR100(List.of(0.5071, 0.4865, 0.4409), List.of(0.2673, 0.2564, 0.2762)),
    /** Folders of pictures, one for each class. */
    FOLDER(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25));

    /** The share of a folder that is for testing when it has no part of its own for that: of every class. */
    private static final double TEST_SHARE = 0.2;

    private final Standardize scale;

    Data(List<Double> mean, List<Double> deviation) {
        scale = new Standardize(mean, deviation);
    }

    /** What was done to pixels between 0 (background) and 1. */
    Standardize scale() {
        return scale;
    }

    /**
     * Reads training and test part.
     *
     * @param folder where the files are; null: where the data set is to be found without being told
     * @param side height and width to which the pictures of a folder are brought
     */
    Split load(Path folder, int side) throws IOException {
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
            case CIFAR10 -> Cifar10.load(required(folder, "data_batch_1.bin and so on"));
            case CIFAR100 -> Cifar100.load(required(folder, "train.bin and test.bin"));
            case FOLDER -> pictures(required(folder, "one folder of pictures for each class, or of 'train' and 'test' with such folders"), side);
        };
    }

    private Path required(Path folder, String files) {
        if (folder == null) {
            throw new UserError(this + " is not in the jar: name the folder of " + files + " with --data-dir");
        }
        return folder;
    }

    private Split pictures(Path folder, int side) throws IOException {
        boolean parted = Files.isDirectory(folder.resolve("train")) && Files.isDirectory(folder.resolve("test"));
        ImageFolder.Setup setup = ImageFolder.of(parted ? folder.resolve("train") : folder, Resize.to(side, side)).fit(Picture.Fit.CROP);
        ImageFolder train = setup.open();
        Split parts = parted ? new Split(train, ImageFolder.of(folder.resolve("test"), setup.size()).fit(setup.fit()).classes(train.classNames()).open())
                : Splits.stratified(train, 1 - TEST_SHARE, 0);
        return new Split(parts.train().transformed(Seed.of(0), scale).cached(), parts.test().transformed(Seed.of(0), scale).cached());
    }

    @Override
    public String toString() {
        return Choice.id(this);
    }
}
