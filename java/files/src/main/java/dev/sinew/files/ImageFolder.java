package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.data.transform.Resize;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
    private final ClassFolders found;

    private ImageFolder(Setup setup, ClassFolders found) {
        this.setup = setup;
        this.found = found;
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
         * @throws java.io.FileNotFoundException when there is no such folder, or no picture in it
         * @throws IOException when a folder cannot be read, or a class is not among those given
         */
        public ImageFolder open() throws IOException {
            ClassFolders.Check check = lenient ? file -> Picture.read(file, channels) : null;
            return new ImageFolder(this, ClassFolders.list("picture", folder, classes, ENDINGS, check));
        }
    }

    /** What was left out, with the reasons; empty unless asked to skip. */
    public List<CorruptDataException> damaged() {
        return found.damaged();
    }

    /** The file of a sample. */
    public Path file(long index) {
        return found.files().get((int) Objects.checkIndex(index, size()));
    }

    @Override
    public long size() {
        return found.files().size();
    }

    @Override
    public Shape inputShape() {
        return Shape.of(setup.channels.count(), setup.size.height(), setup.size.width());
    }

    @Override
    public int classes() {
        return found.classNames().size();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        input.put(Picture.read(file(index), setup.channels).fitted(setup.size, setup.fit).values());
    }

    @Override
    public int label(long index) {
        return found.labels()[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public List<String> classNames() {
        return found.classNames();
    }

    @Override
    public String toString() {
        return size() + " pictures of " + setup.folder;
    }
}
