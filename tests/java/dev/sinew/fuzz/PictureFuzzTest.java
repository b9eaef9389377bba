package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.data.transform.Resize;
import dev.sinew.files.Picture;
import java.io.IOException;

class PictureFuzzTest {
    /** The first byte chooses colours and fit. */
    @FuzzTest(maxDuration = "10m")
    void picture(byte[] bytes) throws IOException {
        int choice = bytes.length == 0 ? 0 : bytes[0] & 0xFF;
        byte[] rest = bytes.length == 0 ? bytes : java.util.Arrays.copyOfRange(bytes, 1, bytes.length);
        Scratch.parse(rest, file -> {
            Picture picture = Picture.decode(file, rest, Picture.Channels.values()[choice % 3]);
            picture = picture.fitted(Resize.to(3, 4), Picture.Fit.values()[choice / 3 % 3]);
            for (float value : picture.values()) {
                if (!(value >= -1e-6 && value <= 1 + 1e-6)) {
                    throw new AssertionError(value);
                }
            }
        });
    }
}
