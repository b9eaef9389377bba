package dev.sinew.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Enum constants as words of the command line: {@code FASHION_MNIST} is {@code fashion-mnist}.
 *
 * @param what names them in messages
 */
record Choice<E extends Enum<E>>(Class<E> type, String what) implements ITypeConverter<E> {
    static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public E convert(String text) {
        List<String> ids = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            if (id(constant).equals(text)) {
                return constant;
            }
            ids.add(id(constant));
        }
        throw new TypeConversionException("there is no " + what + " '" + text + "'; choose one of " + String.join(", ", ids));
    }
}
