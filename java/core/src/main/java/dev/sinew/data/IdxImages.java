package dev.sinew.data;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The four files in which MNIST and its successors come. */
final class IdxImages {
    private static final int CLASSES = 10;
    /** With and without gzip. */
    private static final List<String> ENDINGS = List.of("-ubyte.gz", "-ubyte");

    private IdxImages() {}

    /**
     * Reads training and test images.
     *
     * @param what the data set's name, for messages
     * @param folders where to look; the first that has the first file is taken
     * @param hint how to get the files
     */
    static Split load(String what, List<Path> folders, String hint, double mean, double std, String... names) throws IOException {
        for (Path folder : folders) {
            if (find(folder, "train-images-idx3") != null) {
                return new Split(part(folder, "train", mean, std, names), part(folder, "t10k", mean, std, names));
            }
        }
        throw new FileNotFoundException(what + " was not found: no train-images-idx3-ubyte.gz (or without .gz) in "
                + String.join(" or ", folders.stream().map(Path::toString).toList()) + ". " + hint);
    }

    private static Path find(Path folder, String stem) {
        for (String ending : ENDINGS) {
            Path file = folder.resolve(stem + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static Path require(Path folder, String stem) throws IOException {
        Path file = find(folder, stem);
        if (file == null) {
            throw new FileNotFoundException(folder.resolve(stem + ENDINGS.getFirst()) + " (or without .gz) is missing");
        }
        return file;
    }

    private static Dataset part(Path folder, String part, double mean, double std, String... names) throws IOException {
        Path imageFile = require(folder, part + "-images-idx3");
        Path labelFile = require(folder, part + "-labels-idx1");
        Idx images = Idx.read(imageFile);
        if (images.shape().rank() != 3) {
            throw new CorruptDataException(imageFile, 3, "3 dimensions (images, rows, columns)", "" + images.shape().rank());
        }
        Idx labels = Idx.read(labelFile);
        if (labels.shape().rank() != 1) {
            throw new CorruptDataException(labelFile, 3, "1 dimension (labels)", "" + labels.shape().rank());
        }
        long count = images.shape().dim(0);
        if (labels.shape().dim(0) != count) {
            throw new CorruptDataException(labelFile, 4, count + " labels, as there are images in " + imageFile.getFileName(), "" + labels.shape().dim(0));
        }
        int[] classes = new int[(int) count];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = labels.values()[i] & 0xFF;
            if (classes[i] >= CLASSES) {
                throw new CorruptDataException(labelFile, 8 + i, "a label from 0 to 9", "" + classes[i]);
            }
        }
        Shape shape = Shape.of(1, images.shape().dim(1), images.shape().dim(2));
        return ArrayDataset.of(images.values(), shape, classes, CLASSES).normalised(1.0 / 255, mean, std).named(names);
    }
}
