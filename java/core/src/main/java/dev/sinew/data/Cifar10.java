package dev.sinew.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * CIFAR-10: 50,000 training and 10,000 test pictures of 10 kinds of animals and vehicles, 32 x 32 RGB pixels (A. Krizhevsky:
 * "Learning Multiple Layers of Features from Tiny Images", 2009). It does not come with the library.
 *
 * <p>Samples have shape [3, 32, 32] and are normalised, each channel by the mean and standard deviation of its training
 * pixels: (0.4914, 0.4822, 0.4465) and (0.2470, 0.2435, 0.2616).
 *
 * <p>The format of the binary version: records of 3,073 bytes, one label from 0 to 9, then the red, the green and the blue
 * pixels, each row by row.
 */
public final class Cifar10 {
    private static final String HINT = "Download cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, unpack it,"
            + " and name its folder.";
    private static final List<String> TRAIN = List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
            "data_batch_5.bin");
    private static final CifarFiles.Format FORMAT = new CifarFiles.Format("CIFAR-10", List.of(10), 0,
            new double[] {0.4914, 0.4822, 0.4465}, new double[] {0.2470, 0.2435, 0.2616});

    private Cifar10() {}

    /**
     * Maps {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code test_batch.bin} of a folder or of its subfolder
     * {@code cifar-10-batches-bin}; they must not be changed while they are in use. Files may have any number of records.
     *
     * @throws java.io.FileNotFoundException telling where it looked
     * @throws dev.sinew.io.CorruptDataException when a file is damaged
     */
    public static Split load(Path folder) throws IOException {
        Path place = FORMAT.place(Objects.requireNonNull(folder, "folder"), "cifar-10-batches-bin", TRAIN.getFirst(), HINT);
        List<String> names = FORMAT.names(place.resolve("batches.meta.txt"));
        return new Split(CifarFiles.open(FORMAT, place, TRAIN, names), CifarFiles.open(FORMAT, place, List.of("test_batch.bin"), names));
    }
}
