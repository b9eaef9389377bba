package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.Scope;
import dev.sinew.io.SafeTensorsFile;
import java.io.IOException;

class SafeTensorsFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void safeTensors(byte[] bytes) throws IOException {
        Scratch.parse(bytes, path -> {
            try (Scope scope = Scope.open(); SafeTensorsFile file = SafeTensorsFile.open(path)) {
                for (String name : file.names()) {
                    if (file.read(name).dtype() != file.dtype(name)) {
                        throw new AssertionError(name);
                    }
                }
            }
        });
    }
}
