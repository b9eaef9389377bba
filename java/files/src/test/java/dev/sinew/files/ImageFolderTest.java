package dev.sinew.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import dev.sinew.data.transform.Resize;
import dev.sinew.io.CorruptDataException;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path folder;

    private void picture(String name, int colour) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 12; i++) {
            image.setRGB(i % 4, i / 4, colour);
        }
        assertThat(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1).toLowerCase(), file.toFile())).isTrue();
    }

    private void zoo() throws IOException {
        picture("dog/b.png", 0x336699);
        picture("dog/a.BMP", 0xff0000);
        picture("cat/deep/x.gif", 0x00ff00);
        picture("bird/y.jpg", 0xffffff);
        Files.writeString(folder.resolve("dog/notes.txt"), "no picture");
        Files.createDirectories(folder.resolve(".hidden"));
        Files.writeString(folder.resolve("list.txt"), "beside the classes");
    }

    @Test
    void aFolderForEachClass() throws IOException {
        zoo();
        ImageFolder data = ImageFolder.of(folder, Resize.to(2, 2)).open();
        assertThat(data.size()).isEqualTo(4);
        assertThat(data.classNames()).containsExactly("bird", "cat", "dog");
        assertThat(data.inputShape()).isEqualTo(Shape.of(3, 2, 2));
        assertThat(List.of(data.label(0), data.label(1), data.label(2), data.label(3))).containsExactly(0, 1, 2, 2);
        assertThat(data.file(2)).isEqualTo(folder.resolve("dog/a.BMP"));
        assertThat(data.input(2)).containsExactly(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(data.input(3)).containsExactly(new float[] {.2f, .2f, .2f, .2f, .4f, .4f, .4f, .4f, .6f, .6f, .6f, .6f}, Offset.offset(1e-6f));
        assertThat(ImageFolder.of(folder, Resize.to(1, 1)).channels(Picture.Channels.GREY).open().input(1)).containsExactly(
                new float[] {0.587f}, Offset.offset(1e-6f));
        assertThat(data).hasToString("4 pictures of " + folder);
    }

    @Test
    void damagedFilesAreNamedOrLeftOut() throws IOException {
        zoo();
        Path damaged = Files.write(folder.resolve("cat/a.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0});
        ImageFolder strict = ImageFolder.of(folder, Resize.to(2, 2)).open();
        assertThat(strict.size()).isEqualTo(5);
        assertThatThrownBy(() -> strict.read(1, java.nio.FloatBuffer.allocate(12))).isInstanceOf(CorruptDataException.class)
                .hasMessageStartingWith(damaged + ", byte ");
        ImageFolder lenient = ImageFolder.of(folder, Resize.to(2, 2)).skipDamaged().open();
        assertThat(lenient.size()).isEqualTo(4);
        assertThat(lenient.damaged()).hasSize(1).allSatisfy(e -> assertThat(e.file()).isEqualTo(damaged.toString()));
    }

    @Test
    void theClassesOfAnotherFolder() throws IOException {
        zoo();
        ImageFolder.Setup setup = ImageFolder.of(folder, Resize.to(2, 2));
        assertThat(setup.classes(List.of("ape", "bird", "cat", "dog")).open().label(0)).isEqualTo(1);
        assertThatThrownBy(() -> setup.classes(List.of("bird", "cat")).open()).isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("dog") + ": there is no such class among [bird, cat]");
    }

    @Test
    void foldersWithoutPictures() throws IOException {
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve("none"), Resize.to(2, 2)).open()).isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("is not a folder");
        Files.createDirectories(folder.resolve("cat"));
        assertThatThrownBy(() -> ImageFolder.of(folder, Resize.to(2, 2)).open()).isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("no subfolder with a picture");
        Files.writeString(folder.resolve("cat/a.png"), "hello");
        assertThatThrownBy(() -> ImageFolder.of(folder, Resize.to(2, 2)).skipDamaged().open()).isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("1 are damaged, first " + folder.resolve("cat/a.png"));
    }
}
