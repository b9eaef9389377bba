package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.data.transform.Resize;
import dev.sinew.io.CorruptDataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pictures in a folder that has one subfolder for each class: {@code cat/1.png}, {@code dog/2.jpg}. Classes and files are in
 * the order of their names; files lie in the subfolders at any depth; hidden ones are passed over. A file is decoded whenever
 * its sample is read: with several threads ({@link dev.sinew.data.Batches.Setup#workers}), or kept once read
 * ({@link Dataset#cached}).
 *
 * {@snippet :
 * Dataset pictures = ImageFolder.of(Path.of("train"), Resize.to(64, 64)).fit(Picture.Fit.CROP).open();
 * }
 */
public final class ImageFolder implements Dataset {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff");

    private final Setup setup;
    private final List<String> classNames;
    private final List<Path> files;
    private final int[] labels;
    private final List<CorruptDataException> damaged;

    private ImageFolder(Setup setup, List<String> classNames, List<Path> files, int[] labels, List<CorruptDataException> damaged) {
        this.setup = setup;
        this.classNames = List.copyOf(classNames);
        this.files = List.copyOf(files);
        this.labels = labels;
        this.damaged = List.copyOf(damaged);
    }

    /** The pictures of a folder at one size, as RGB, stretched; a damaged file is an error when it is read. */
    public static Setup of(Path folder, Resize size) {
        return new Setup(folder, size, Picture.Channels.RGB, Picture.Fit.STRETCH, false, List.of());
    }

    /**
     * How to read the pictures. Every method returns another one and leaves this one as it is.
     *
     * @param folder the folder of the classes' folders
     * @param size of every sample
     * @param channels what is kept of the colours
     * @param fit what becomes of other proportions
     * @param lenient whether damaged files are left out
     * @param classes the names of the classes, in their order; empty: those that are there
     */
    public record Setup(Path folder, Resize size, Picture.Channels channels, Picture.Fit fit, boolean lenient, List<String> classes) {
        /** Nothing may be null. */
        public Setup {
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(size, "size");
            Objects.requireNonNull(channels, "channels");
            Objects.requireNonNull(fit, "fit");
            classes = List.copyOf(classes);
        }

        /** With other colours. */
        public Setup channels(Picture.Channels kept) {
            return new Setup(folder, size, kept, fit, lenient, classes);
        }

        /** With another way to fit. */
        public Setup fit(Picture.Fit way) {
            return new Setup(folder, size, channels, way, lenient, classes);
        }

        /** Decodes every file once at the beginning, and leaves the damaged ones out; {@link ImageFolder#damaged} names them. */
        public Setup skipDamaged() {
            return new Setup(folder, size, channels, fit, true, classes);
        }

        /** With the classes of another folder: a test part may lack some. A subfolder of another name is an error. */
        public Setup classes(List<String> names) {
            return new Setup(folder, size, channels, fit, lenient, names);
        }

        /**
         * Lists the files.
         *
         * @throws FileNotFoundException when there is no such folder, or no picture in it
         * @throws IOException when a folder cannot be read, or a class is not among those given
         */
        public ImageFolder open() throws IOException {
            return list(this);
        }
    }

    private static ImageFolder list(Setup setup) throws IOException {
        if (!Files.isDirectory(setup.folder)) {
            throw new FileNotFoundException(setup.folder + " is not a folder");
        }
        List<Path> folders = children(setup.folder).stream().filter(Files::isDirectory).toList();
        List<String> found = folders.stream().map(folder -> folder.getFileName().toString()).toList();
        List<String> names = setup.classes.isEmpty() ? found : setup.classes;
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<CorruptDataException> damaged = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            int label = names.indexOf(found.get(i));
            if (label < 0) {
                throw new IOException(folders.get(i) + ": there is no such class among " + names);
            }
            for (Path file : pictures(folders.get(i))) {
                if (setup.lenient) {
                    try {
                        Picture.read(file, setup.channels);
                    } catch (CorruptDataException e) {
                        damaged.add(e);
                        continue;
                    }
                }
                files.add(file);
                labels.add(label);
            }
        }
        if (files.isEmpty()) {
            throw new FileNotFoundException(setup.folder + " has no subfolder with a picture (" + String.join(", ", ENDINGS.stream().sorted().toList())
                    + ") that can be read" + (damaged.isEmpty() ? "" : "; " + damaged.size() + " are damaged, first " + damaged.getFirst().getMessage()));
        }
        return new ImageFolder(setup, names, files, labels.stream().mapToInt(Integer::intValue).toArray(), damaged);
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString())).toList();
        }
    }

    private static List<Path> pictures(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : children(folder)) {
            String name = path.getFileName().toString();
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                files.addAll(pictures(path));
            } else if (ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))) {
                files.add(path);
            }
        }
        return files;
    }

    /** What was left out, with the reasons; empty unless asked to skip. */
    public List<CorruptDataException> damaged() {
        return damaged;
    }

    /** The file of a sample. */
    public Path file(long index) {
        return files.get((int) Objects.checkIndex(index, size()));
    }

    @Override
    public long size() {
        return files.size();
    }

    @Override
    public Shape inputShape() {
        return Shape.of(setup.channels.count(), setup.size.height(), setup.size.width());
    }

    @Override
    public int classes() {
        return classNames.size();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        input.put(Picture.read(file(index), setup.channels).fitted(setup.size, setup.fit).values());
    }

    @Override
    public int label(long index) {
        return labels[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public String toString() {
        return size() + " pictures of " + setup.folder;
    }
}
