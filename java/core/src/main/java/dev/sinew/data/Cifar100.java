package dev.sinew.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * CIFAR-100: 50,000 training and 10,000 test pictures of 100 classes in 20 superclasses, 32 x 32 RGB pixels (A. Krizhevsky:
 * "Learning Multiple Layers of Features from Tiny Images", 2009). It does not come with the library.
 *
 * <p>Samples have shape [3, 32, 32] and are normalised, each channel by the mean and standard deviation of its training
 * pixels: (0.5071, 0.4865, 0.4409) and (0.2673, 0.2564, 0.2762).
 *
 * <p>The format of the binary version: records of 3,074 bytes, a coarse label from 0 to 19, a fine label from 0 to 99, then
 * the red, the green and the blue pixels, each row by row.
 */
public final class Cifar100 {
    private static final String HINT = "Download cifar-100-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, unpack it,"
            + " and name its folder.";
    private static final double[] MEAN = {0.5071, 0.4865, 0.4409};
    private static final double[] STD = {0.2673, 0.2564, 0.2762};

    private Cifar100() {}

    /**
     * Maps {@code train.bin} and {@code test.bin} of a folder or of its subfolder {@code cifar-100-binary}, with the 100
     * classes; they must not be changed while they are in use. Files may have any number of records.
     *
     * @throws java.io.FileNotFoundException telling where it looked
     * @throws dev.sinew.io.CorruptDataException when a file is damaged
     */
    public static Split load(Path folder) throws IOException {
        return load(folder, 1, "fine_label_names.txt");
    }

    /** The same with the 20 superclasses. */
    public static Split loadCoarse(Path folder) throws IOException {
        return load(folder, 0, "coarse_label_names.txt");
    }

    private static Split load(Path folder, int label, String nameFile) throws IOException {
        CifarFiles.Format format = new CifarFiles.Format("CIFAR-100", List.of(20, 100), label, MEAN, STD);
        Path place = format.place(Objects.requireNonNull(folder, "folder"), "cifar-100-binary", "train.bin", HINT);
        List<String> names = format.names(place.resolve(nameFile));
        return new Split(CifarFiles.open(format, place, List.of("train.bin"), names),
                CifarFiles.open(format, place, List.of("test.bin"), names));
    }
}
