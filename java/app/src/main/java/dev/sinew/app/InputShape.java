package dev.sinew.app;

import dev.sinew.Shape;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Shapes as words of the command line: {@code 1x28x28} is [1, 28, 28]. */
final class InputShape implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String text) {
        if (!text.matches("\\d{1,9}x\\d{1,9}x\\d{1,9}")) {
            throw new TypeConversionException("'" + text + "' is not CHANNELSxHEIGHTxWIDTH, such as 1x28x28");
        }
        try {
            return Shape.of(Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray());
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    static String text(Shape shape) {
        return Arrays.stream(shape.dims()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
