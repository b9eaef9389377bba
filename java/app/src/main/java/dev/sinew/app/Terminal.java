package dev.sinew.app;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Whether somebody is watching. */
final class Terminal {
    private static final int STANDARD_ERROR = 2;

    private Terminal() {}

    /** Whether standard error is a terminal: {@code System.console()} only tells of the other two. */
    static boolean showsErrors() {
        try {
            var linker = Linker.nativeLinker();
            var function = linker.defaultLookup().find("isatty").orElse(null);
            return function != null && (int) linker.downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(STANDARD_ERROR) != 0;
        } catch (Throwable e) {
            return false;
        }
    }
}
