package dev.sinew.app;

import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** Enum constants as words of the command line: {@code FASHION_MNIST} is {@code fashion-mnist}. */
final class Choice {
    private Choice() {}

    static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static <E extends Enum<E>> E parse(Class<E> type, String what, String text) {
        E[] constants = type.getEnumConstants();
        return Arrays.stream(constants).filter(constant -> id(constant).equals(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("there is no " + what + " '" + text + "'; choose one of "
                        + String.join(", ", Arrays.stream(constants).map(Choice::id).toList())));
    }
}
