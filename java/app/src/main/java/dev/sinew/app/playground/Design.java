package dev.sinew.app.playground;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.functional.Window;
import dev.sinew.nn.Architecture;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.MaxPool;
import dev.sinew.nn.Network;
import dev.sinew.op.Window2d;
import dev.sinew.optim.Adadelta;
import dev.sinew.optim.Adagrad;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.Sgd;
import java.util.ArrayList;
import java.util.List;

/**
 * A net and how it learns, from a visitor's text: checked, and small enough for everybody to have one.
 *
 * @param hidden names of the layers that can be looked into, with their units
 * @param outputs classes, or numbers of a regression
 */
record Design(Architecture architecture, Loss loss, Optimizer optimizer, double rate, int batch, List<Hidden> hidden, int outputs) {
    static final int MOST_LAYERS = 20;
    static final int MOST_UNITS = 200;
    static final long MOST_PARAMETERS = 100_000;
    /** Of one sample; a step is at most three times as many for each of its batch. */
    static final long MOST_FLOPS = 2_000_000;
    static final int MOST_BATCH = 256;
    private static final String[] TYPES = {"input", "fc", "conv", "pool", "dropout", "softmax", "svm", "regression"};
    private static final String[] ACTIVATIONS = {"tanh", "sigmoid", "relu", "linear"};
    private static final String[] METHODS = {"sgd", "adadelta", "adagrad", "adam"};

    /** A layer that can be looked into. */
    record Hidden(String name, int units) {}

    /** Half the squared distance, mean over the batch: the loss of ConvNetJS's regression layer. */
    record HalfSquares() implements Loss {
        @Override
        public Tensor apply(Tensor output, Tensor target) {
            return output.sub(target).square().mean().mul(0.5 * output.shape().dim(1));
        }

        @Override
        public Spec target(Spec output) {
            return output;
        }
    }

    /**
     * A net by its text.
     *
     * @param input what its input layer must say: [depth, height, width]
     * @param regression whether its last layer is a regression, with so many numbers; else it decides between so many classes
     */
    static Design of(String text, Shape input, boolean regression, int outputs) {
        NetText net = NetText.parse(text);
        List<NetText.Part> layers = net.layers();
        if (layers.isEmpty()) {
            throw new Mistake("The net has no layers: begin with layer_defs.push({type:'input', out_sx:1, out_sy:1, out_depth:2});");
        }
        if (layers.size() > MOST_LAYERS) {
            throw Mistake.of("The net has %d layers; %d are the most.", layers.size(), MOST_LAYERS);
        }
        checkInput(new Options(layers.getFirst()), input);
        Network.Builder builder = input.dim(1) == 1 && input.dim(2) == 1 ? Network.input(input.dim(0)) : Network.input(input.dims());
        List<Hidden> hidden = new ArrayList<>();
        Loss loss = null;
        for (int i = 1; i < layers.size(); i++) {
            Options options = new Options(layers.get(i));
            String type = options.word("type", null, TYPES);
            boolean last = i == layers.size() - 1;
            try {
                if (!List.of("softmax", "svm", "regression").contains(type)) {
                    add(builder, options, type, hidden);
                } else if (last) {
                    loss = output(builder, options, type, regression, outputs);
                } else {
                    throw options.mistake("%s can only be the last layer", type);
                }
            } catch (IllegalArgumentException e) {
                throw options.mistake("it does not fit the layers before it, %s", e.getMessage());
            }
            options.nothingElse();
        }
        if (loss == null) {
            throw Mistake.of("The net has no end: its last layer must be {type:'%s'}.", regression
                    ? "regression', num_neurons:" + outputs : "softmax', num_classes:" + outputs);
        }
        Architecture architecture = sized(builder);
        Options trainer = new Options(net.trainer());
        // Adadelta finds the size of its steps by itself
        double usual = trainer.word("method", "sgd", METHODS).equals("adadelta") ? 1 : 0.01;
        double rate = trainer.number("learning_rate", usual, 0, 100);
        int batch = trainer.whole("batch_size", 1, 1, MOST_BATCH);
        Optimizer optimizer = optimizer(trainer, rate);
        trainer.nothingElse();
        return new Design(architecture, loss, optimizer, rate, batch, List.copyOf(hidden), outputs);
    }

    private static void checkInput(Options options, Shape input) {
        options.word("type", null, "input");
        int[] got = {options.whole("out_depth", 1, 1, 1000), options.whole("out_sy", 1, 1, 1000), options.whole("out_sx", 1, 1, 1000)};
        if (got[0] != input.dim(0) || got[1] != input.dim(1) || got[2] != input.dim(2)) {
            throw options.mistake("the input here is out_sx:%d, out_sy:%d, out_depth:%d, not out_sx:%d, out_sy:%d, out_depth:%d", input.dim(2),
                    input.dim(1), input.dim(0), got[2], got[1], got[0]);
        }
        options.nothingElse();
    }

    private static Loss output(Network.Builder builder, Options options, String type, boolean regression, int outputs) {
        if (regression != type.equals("regression")) {
            throw options.mistake("the last layer here is %s, not %s", regression ? "a regression" : "softmax or svm", type);
        }
        String count = regression ? "num_neurons" : "num_classes";
        int units = options.whole(count, null, 1, MOST_UNITS);
        if (units != outputs) {
            throw options.mistake("%s must be %d here, not %d", count, outputs, units);
        }
        builder.dense(units);
        return regression ? new HalfSquares() : type.equals("svm") ? Loss.hinge() : Loss.crossEntropy();
    }

    private static void add(Network.Builder builder, Options options, String type, List<Hidden> hidden) {
        switch (type) {
            case "fc" -> {
                int units = options.whole("num_neurons", null, 1, MOST_UNITS);
                activate(builder.layer(Dense.of(units).weights(initial(options))), options);
                hidden.add(new Hidden("hidden" + (hidden.size() + 1), units));
                builder.named(hidden.getLast().name);
            }
            case "conv" -> {
                int size = options.whole("sx", null, 1, 11);
                Conv conv = Conv.of(options.whole("filters", null, 1, 64), Window.of(Window2d.of(size)
                        .stride(options.whole("stride", 1, 1, 8)).pad(options.whole("pad", 0, 0, 8)))).weights(initial(options));
                activate(builder.layer(conv), options);
            }
            case "pool" -> {
                int size = options.whole("sx", null, 1, 8);
                builder.layer(new MaxPool(Window2d.of(size).stride(options.whole("stride", 2, 1, 8)), false));
            }
            case "dropout" -> builder.dropout(options.number("drop_prob", 0.5, 0, 0.95));
            default -> throw options.mistake("the input is the first layer, and no other");
        }
    }

    /** Values keep their size from layer to layer, as half of those of a ReLU are 0. */
    private static Initializer initial(Options options) {
        boolean relu = options.word("activation", "linear", ACTIVATIONS).equals("relu");
        return new Initializer.Scaled(relu ? Math.sqrt(2) : 1, Initializer.Fan.IN, true);
    }

    private static void activate(Network.Builder builder, Options options) {
        switch (options.word("activation", "linear", ACTIVATIONS)) {
            case "tanh" -> builder.tanh();
            case "sigmoid" -> builder.sigmoid();
            case "relu" -> builder.relu();
            default -> {
                // linear
            }
        }
    }

    private static Architecture sized(Network.Builder builder) {
        Architecture architecture = builder.architecture();
        if (architecture.parameterCount() > MOST_PARAMETERS) {
            throw Mistake.of("The net has %,d weights; %,d are the most here.", architecture.parameterCount(), MOST_PARAMETERS);
        }
        if (architecture.flops() > MOST_FLOPS) {
            throw Mistake.of("The net needs %,d operations for a sample; %,d are the most here.", architecture.flops(), MOST_FLOPS);
        }
        return architecture;
    }

    private static Optimizer optimizer(Options trainer, double rate) {
        double momentum = trainer.number("momentum", 0.9, 0, 0.9999);
        double decay = trainer.number("l2_decay", 0, 0, 10);
        return switch (trainer.word("method", "sgd", METHODS)) {
            case "adadelta" -> new Adadelta(dev.sinew.optim.Schedule.constant(rate), trainer.number("ro", 0.95, 0, 0.9999), trainer.number("eps", 1e-6, 1e-12, 1),
                    decay);
            case "adagrad" -> Adagrad.rate(rate).weightDecay(decay);
            case "adam" -> Adam.rate(rate).weightDecay(decay);
            default -> Sgd.rate(rate).momentum(momentum).weightDecay(decay);
        };
    }
}
