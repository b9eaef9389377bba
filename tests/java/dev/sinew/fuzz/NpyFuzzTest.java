package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.Scope;
import dev.sinew.io.Npy;
import java.io.IOException;

class NpyFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void npy(byte[] bytes) throws IOException {
        Scratch.parse(bytes, file -> {
            try (Scope scope = Scope.open()) {
                Npy.read(file).toDoubles();
            }
        });
    }

    @FuzzTest(maxDuration = "10m")
    void npz(byte[] bytes) throws IOException {
        // offsets are those of the unpacked contents
        Scratch.parsePacked(bytes, file -> {
            try (Scope scope = Scope.open()) {
                Npy.readAll(file);
            }
        });
    }
}
