package dev.sinew.app.reproduce;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Java source of reproductions: the build puts it beside the classes. */
final class Sources {
    private Sources() {}

    /** File name to text, without what stands before the first Javadoc (package, imports). */
    static Map<String, String> of(Reproduction system) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Class<?> type : system.sources()) {
            String file = "/" + type.getName().replace('.', '/') + ".java";
            try (InputStream in = Sources.class.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IllegalStateException("the source " + file + " is missing in the program");
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                sources.put(type.getSimpleName() + ".java", text.substring(Math.max(0, text.indexOf("/**"))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources;
    }
}
