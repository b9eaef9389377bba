package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.data.Idx;
import java.io.IOException;

class IdxFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void idx(byte[] bytes) throws IOException {
        Scratch.parse(bytes, file -> {
            Idx idx = Idx.read(file);
            if (idx.values().length != idx.shape().count()) {
                throw new AssertionError(idx);
            }
        });
    }
}
