package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.files.Wav;
import java.io.IOException;

class WavFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void wav(byte[] bytes) throws IOException {
        Scratch.parse(bytes, file -> {
            Wav wav = Wav.decode(file, bytes);
            if (wav.mono().samples().length * wav.shape().dim(0) != wav.samples().length) {
                throw new AssertionError(wav);
            }
        });
    }
}
