package dev.sinew.app.reproduce;

import java.io.IOException;
import java.util.List;

/**
 * A system of the lecture decks: trained with the library's public classes, measured beside its target, drawn. It leaves
 * nothing behind but what it tells its {@link Findings}.
 */
public interface Reproduction {
    /** The word it is called by, such as {@code xor}. */
    String id();

    /** Its heading. */
    String title();

    /** What it is: two sentences and the formula, as text; parts between backticks are shown as formulas. */
    String about();

    /**
     * Runs it.
     *
     * @throws IOException when data cannot be read
     */
    void run(Lab lab, Findings findings) throws IOException;

    /** The classes whose Java source its section shows. */
    default List<Class<?>> sources() {
        return List.of(getClass());
    }
}
