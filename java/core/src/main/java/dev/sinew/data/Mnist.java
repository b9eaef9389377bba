package dev.sinew.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * MNIST: 60,000 training and 10,000 test pictures of handwritten digits, 28 x 28 grey pixels (Y. LeCun, C. Cortes,
 * C. Burges: "The MNIST database of handwritten digits", 1998). It does not come with the library.
 *
 * <p>Samples have shape [1, 28, 28] and are normalised by the mean 0.1307 and standard deviation 0.3081 of the training
 * pixels.
 */
public final class Mnist {
    private static final String HINT = "Download its four files, train-images-idx3-ubyte.gz and so on, and name their folder.";

    private Mnist() {}

    /**
     * Reads the files {@code train-images-idx3-ubyte.gz} and so on, compressed or not, of a folder.
     *
     * @throws java.io.FileNotFoundException telling where it looked
     * @throws dev.sinew.io.CorruptDataException when a file is damaged
     */
    public static Split load(Path folder) throws IOException {
        return IdxImages.load("MNIST", List.of(Objects.requireNonNull(folder, "folder")), HINT, 0.1307, 0.3081,
                "0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }
}
