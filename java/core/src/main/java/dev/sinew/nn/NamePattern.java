package dev.sinew.nn;

import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names of parameters and layers with wildcards. */
final class NamePattern {
    private NamePattern() {}

    /** A name, and those inside of it ({@code layer1} also means {@code layer1.conv1.weight}); {@code *}: any characters. */
    static Predicate<String> of(String pattern) {
        String regex = Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex + "(\\..*)?").asMatchPredicate();
    }
}
