package dev.sinew.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import dev.sinew.io.CorruptDataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarTest {
    @TempDir
    Path folder;

    /** Records whose pixel i of record r is (i x 7 + r) mod 256. */
    private static byte[] records(int[]... labels) {
        int size = labels[0].length + 3072;
        byte[] bytes = new byte[labels.length * size];
        for (int r = 0; r < labels.length; r++) {
            for (int l = 0; l < labels[r].length; l++) {
                bytes[r * size + l] = (byte) labels[r][l];
            }
            for (int i = 0; i < 3072; i++) {
                bytes[r * size + labels[r].length + i] = (byte) (i * 7 + r);
            }
        }
        return bytes;
    }

    private void writeTen(Path place) throws IOException {
        Files.createDirectories(place);
        for (int batch = 1; batch <= 5; batch++) {
            Files.write(place.resolve("data_batch_" + batch + ".bin"), records(new int[] {batch}, new int[] {9}));
        }
        Files.write(place.resolve("test_batch.bin"), records(new int[] {0}, new int[] {8}, new int[] {3}));
        Files.writeString(place.resolve("batches.meta.txt"),
                "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
    }

    @Test
    void ten() throws IOException {
        writeTen(folder.resolve("cifar-10-batches-bin"));
        Split data = Cifar10.load(folder);
        assertThat(data.train().size()).isEqualTo(10);
        assertThat(data.test().size()).isEqualTo(3);
        assertThat(data.train().inputShape()).isEqualTo(Shape.of(3, 32, 32));
        assertThat(data.train().classes()).isEqualTo(10);
        int[] labels = new int[10];
        for (int i = 0; i < 10; i++) {
            labels[i] = data.train().label(i);
        }
        assertThat(labels).containsExactly(1, 9, 2, 9, 3, 9, 4, 9, 5, 9);
        assertThat(data.test().className(data.test().label(1))).isEqualTo("ship");
        double[] mean = {0.4914, 0.4822, 0.4465};
        double[] std = {0.2470, 0.2435, 0.2616};
        float[] sample = data.test().input(2);
        for (int i = 0; i < 3072; i++) {
            int pixel = (i * 7 + 2) & 0xFF;
            assertThat(sample[i]).isEqualTo((float) ((pixel / 255.0 - mean[i / 1024]) / std[i / 1024]));
        }
        assertThat(data.train()).hasToString("10 samples of CIFAR-10");
    }

    @Test
    void hundredWithFineAndCoarseLabels() throws IOException {
        Files.write(folder.resolve("train.bin"), records(new int[] {19, 99}, new int[] {4, 0}));
        Files.write(folder.resolve("test.bin"), records(new int[] {7, 42}));
        assertThat(Cifar100.load(folder).train().label(0)).isEqualTo(99);
        assertThat(Cifar100.load(folder).test().classes()).isEqualTo(100);
        assertThat(Cifar100.loadCoarse(folder).train().label(1)).isEqualTo(4);
        assertThat(Cifar100.loadCoarse(folder).test().classes()).isEqualTo(20);
        assertThat(Cifar100.load(folder).test().className(42)).isEqualTo("42");
        assertThat(Cifar100.load(folder).test().input(0)[1024]).isEqualTo((float) ((0 / 255.0 - 0.4865) / 0.2564));
    }

    @Test
    void truncatedAnywhere() throws IOException {
        writeTen(folder);
        byte[] whole = records(new int[] {0}, new int[] {1});
        for (int length : new int[] {0, 1, 3072, 3074, 6145}) {
            Path file = Files.write(folder.resolve("data_batch_3.bin"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(CorruptDataException.class)
                    .hasMessage(file + ", byte " + length / 3073 * 3073 + ": expected records of 3073 bytes each, found " + length % 3073
                            + " bytes before the end of the file");
        }
    }

    @Test
    void labelsOutOfRange() throws IOException {
        writeTen(folder);
        Path file = Files.write(folder.resolve("test_batch.bin"), records(new int[] {0}, new int[] {10}));
        assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(CorruptDataException.class)
                .hasMessage(file + ", byte 3073: expected a label from 0 to 9, found 10");
        Files.write(folder.resolve("train.bin"), records(new int[] {20, 99}));
        assertThatThrownBy(() -> Cifar100.load(folder)).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("byte 0: expected a label from 0 to 19, found 20");
    }

    @Test
    void missingFilesAndNames() throws IOException {
        assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("no data_batch_1.bin in " + folder + " or ").hasMessageContaining("cifar-10-binary.tar.gz");
        writeTen(folder);
        Files.writeString(folder.resolve("batches.meta.txt"), "one\ntwo\n");
        assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("expected 10 names of classes, found 2");
        Files.write(folder.resolve("batches.meta.txt"), new byte[] {(byte) 0xC3, 0x28});
        assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(CorruptDataException.class).hasMessageContaining("UTF-8");
        writeTen(folder);
        Files.delete(folder.resolve("data_batch_4.bin"));
        assertThatThrownBy(() -> Cifar10.load(folder)).isInstanceOf(FileNotFoundException.class).hasMessageContaining("data_batch_4.bin");
    }
}
