package dev.sinew.nn;

import dev.sinew.Seed;
import dev.sinew.Tensor;

/** The context of a net or, with a prefix, of one of its layers. */
abstract class NetworkContext implements Layer.Context {
    private final String prefix;
    private final boolean training;
    private final long seed;

    NetworkContext(String prefix, boolean training, long seed) {
        this.prefix = prefix;
        this.training = training;
        this.seed = seed;
    }

    /** The parameter of that full name, or null. */
    abstract Tensor tensor(String name);

    @Override
    public final Tensor parameter(String name) {
        Tensor tensor = tensor(prefix + name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter " + prefix + name + " was declared");
        }
        return tensor;
    }

    /** Whether the layer of that full name behaves in training as in inference. */
    boolean infers(String layer) {
        return false;
    }

    @Override
    public final boolean training() {
        return training;
    }

    @Override
    public final long seed() {
        return Seed.of(seed).derive(prefix).value();
    }

    @Override
    public final Layer.Context inner(String name) {
        return inner(name, seed);
    }

    /** The context of a layer's use: the parameters of all uses are the same, the random numbers are not. */
    static Layer.Context inner(Layer.Context context, String name, int use) {
        return use > 1 && context instanceof NetworkContext outer ? outer.inner(name, Seed.of(outer.seed).derive("#" + use).value())
                : context.inner(name);
    }

    private NetworkContext inner(String name, long innerSeed) {
        NetworkContext outer = this;
        return new NetworkContext(prefix + name + ".", training && !infers(prefix + name), innerSeed) {
            @Override
            Tensor tensor(String full) {
                return outer.tensor(full);
            }

            @Override
            boolean infers(String layer) {
                return outer.infers(layer);
            }

            @Override
            public Tensor step() {
                return outer.step();
            }
        };
    }
}
