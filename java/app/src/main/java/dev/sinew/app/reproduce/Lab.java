package dev.sinew.app.reproduce;

import dev.sinew.Seed;
import dev.sinew.app.UserError;
import dev.sinew.data.Digits;
import dev.sinew.data.FashionMnist;
import dev.sinew.data.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/**
 * What a reproduction works with.
 *
 * @param seed of everything random in it
 * @param quick whether it has seconds, and not minutes or hours
 * @param folder its own folder, for checkpoints of long trainings; kept until it has finished
 * @param data folders of data sets that the user named, by the data set's name
 * @param progress is told in words how far it is
 */
public record Lab(Seed seed, boolean quick, Path folder, Map<String, Path> data, Consumer<String> progress) {

    /** The first when there is little time, else the second. */
    public <T> T pick(T whenQuick, T otherwise) {
        return quick ? whenQuick : otherwise;
    }

    /** Tells how far it is. */
    public void say(String format, Object... values) {
        progress.accept(String.format(format, values));
    }

    /** The 8 x 8 digits, with values from 0 to 1. */
    public Split digits() {
        return Digits.load();
    }

    /** Fashion-MNIST, with pixels from 0 to 1 less 0.2860, divided by 0.3530. */
    public Split fashion() throws IOException {
        Path named = data.get("fashion-mnist");
        return named == null ? FashionMnist.load() : FashionMnist.load(named);
    }

    /** The folder the user named for a data set that is not here by itself, or null. */
    public Path folderOf(String dataSet) {
        Path named = data.get(dataSet);
        if (named != null && !Files.isDirectory(named)) {
            throw new UserError("the folder of " + dataSet + ", " + named + ", is not there");
        }
        return named;
    }

    /** A photograph in the jar: {@code china} (640 x 427) or {@code flower} (640 x 427). */
    public BufferedImage photograph(String name) throws IOException {
        try (InputStream in = Lab.class.getResourceAsStream(name + ".jpg")) {
            if (in == null) {
                throw new IllegalArgumentException("there is no photograph " + name);
            }
            return ImageIO.read(in);
        }
    }
}
