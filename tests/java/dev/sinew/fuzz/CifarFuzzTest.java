package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.data.Cifar100;
import dev.sinew.data.Dataset;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class CifarFuzzTest {
    /** The first byte decides how much of the rest is the file of names; of the others every one stands for 13 of the records. */
    @FuzzTest(maxDuration = "10m")
    void cifar(byte[] bytes) throws IOException {
        Path folder = Files.createTempDirectory("fuzz");
        int split = bytes.length == 0 ? 0 : Math.min(bytes.length - 1, bytes[0] & 0xFF);
        byte[] records = new byte[13 * Math.max(0, bytes.length - 1 - split)];
        for (int i = 0; i < records.length; i++) {
            records[i] = bytes[1 + split + i / 13];
        }
        try {
            Files.write(folder.resolve("coarse_label_names.txt"), java.util.Arrays.copyOfRange(bytes, Math.min(1, bytes.length), Math.min(1, bytes.length) + split));
            Files.write(folder.resolve("train.bin"), records);
            Files.write(folder.resolve("test.bin"), records);
            Dataset data = Cifar100.loadCoarse(folder).test();
            for (long i = 0; i < data.size(); i++) {
                if (data.label(i) >= data.classes() || data.input(i).length != data.inputShape().count()) {
                    throw new AssertionError(data);
                }
            }
        } catch (CorruptDataException e) {
            if (e.offset() > records.length) {
                throw new AssertionError("byte " + e.offset() + " of " + records.length, e);
            }
        } finally {
            for (String name : new String[] {"coarse_label_names.txt", "train.bin", "test.bin"}) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }
}
