package dev.sinew.gate;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Something that the gate can measure, with baselines of its own. */
interface Part {
    /** Like {@code kernels, avx2}: for the messages. */
    String title();

    /** The file of its baselines. */
    String file();

    /** The key in that file. */
    String machine();

    /** The least band: what no number of repeats would show to be noise. */
    double narrowest();

    /** How many repeats a baseline is made of. */
    int repeats();

    /** Whether a name in the file is one of this part's. */
    boolean owns(String name);

    /** Measures those names, or all when there are none. */
    List<Measured> measure(Set<String> names) throws IOException, InterruptedException;
}
