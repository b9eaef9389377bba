package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.io.Json;
import java.nio.charset.StandardCharsets;

class JsonFuzzTest {
    /** What is read is written so that it is read as the same again. */
    @FuzzTest(maxDuration = "10m")
    void json(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            Object value = Json.parse(text);
            String written = Json.write(value);
            Object again = Json.parse(written);
            if (value == null ? again != null : !value.equals(again)) {
                throw new AssertionError(value + " became " + again + " by " + written);
            }
        } catch (Json.SyntaxException e) {
            if (e.position() < 0 || e.position() > text.length()) {
                throw new AssertionError("character " + e.position() + " of " + text.length(), e);
            }
        }
    }
}
