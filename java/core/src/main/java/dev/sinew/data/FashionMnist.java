package dev.sinew.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Fashion-MNIST: 60,000 training and 10,000 test pictures of garments, 28 x 28 grey pixels, 10 classes (H. Xiao, K. Rasul,
 * R. Vollgraf: "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017; MIT licence).
 *
 * <p>Samples have shape [1, 28, 28] and are normalised by the mean 0.2860 and standard deviation 0.3530 of the training
 * pixels.
 */
public final class FashionMnist {
    /** Where Debian's package dataset-fashion-mnist puts the files. */
    private static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");
    private static final String HINT = "Install the package dataset-fashion-mnist (Debian, Ubuntu), or download the four .gz files"
            + " of https://github.com/zalandoresearch/fashion-mnist and name their folder with -Dsinew.data=FOLDER.";

    private FashionMnist() {}

    /**
     * Reads the files of the folder {@code -Dsinew.data} or its subfolder {@code fashion-mnist}, else of
     * {@code /usr/share/datasets/fashion-mnist}.
     *
     * @throws java.io.FileNotFoundException telling where it looked and how to get the files
     * @throws dev.sinew.io.CorruptDataException when a file is damaged
     */
    public static Split load() throws IOException {
        List<Path> folders = new ArrayList<>();
        String chosen = System.getProperty("sinew.data");
        if (chosen != null) {
            folders.add(Path.of(chosen, "fashion-mnist"));
            folders.add(Path.of(chosen));
        } else {
            folders.add(DEBIAN);
        }
        return load(folders);
    }

    /** Reads the files {@code train-images-idx3-ubyte.gz} and so on, compressed or not, of a folder. */
    public static Split load(Path folder) throws IOException {
        return load(List.of(Objects.requireNonNull(folder, "folder")));
    }

    private static Split load(List<Path> folders) throws IOException {
        return IdxImages.load("Fashion-MNIST", folders, HINT, 0.2860, 0.3530, "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");
    }
}
