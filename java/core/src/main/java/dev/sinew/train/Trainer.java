package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Seed;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.data.Sampler;
import dev.sinew.data.Split;
import dev.sinew.diagnosis.NanWatch;
import dev.sinew.diagnosis.NotFiniteException;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.optim.Averaging;
import dev.sinew.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Trains a network by mini-batches.
 *
 * {@snippet :
 * var run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1).momentum(0.9))
 *     .batch(128).epochs(10).fit(data);
 * System.out.println(run.evaluate(test).accuracy());
 * }
 *
 * <p>The weights that come out depend on the network's seed, the seed given here, the data and the settings alone: not on
 * the number of threads, and not on whether the training was interrupted and resumed from a checkpoint.
 */
public final class Trainer {
    private final Network network;
    private final Objective objective;
    private UpdateRule rule;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private int batch = 32;
    private long epochs = 1;
    private Seed seed = Seed.of(0);
    private boolean dropLast;
    private double validationFraction;
    private Dataset validation;
    private Path checkpointFolder;
    private long checkpointEvery;
    private int checkpointsKept = 3;
    private Path resumeFrom;
    private String note = "";
    private long patience;
    private int workers = 1;
    private Sampler sampler;

    private Trainer(Network network, Objective objective, Optimizer optimizer) {
        this.network = Objects.requireNonNull(network, "network");
        this.objective = Objects.requireNonNull(objective, "objective");
        this.rule = UpdateRule.of(Objects.requireNonNull(optimizer, "optimizer"));
    }

    /** A trainer with batches of 32, one epoch, seed 0, no validation, no checkpoints. */
    public static Trainer of(Network network, Loss loss, Optimizer optimizer) {
        return of(network, Objective.of(Objects.requireNonNull(loss, "loss")), optimizer);
    }

    /**
     * A trainer, as {@link #of(Network, Loss, Optimizer)}, for a net with several outputs. A data set for several inputs gives
     * them one after the other in each sample, as one vector; likewise for targets of several names (labels as numbers).
     */
    public static Trainer of(Network network, Objective objective, Optimizer optimizer) {
        return new Trainer(network, objective, optimizer);
    }

    /** Samples per step, at least 1. The last batch of an epoch may be smaller. */
    public Trainer batch(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("the batch size must be at least 1, not " + size);
        }
        batch = size;
        return this;
    }

    /** How often all samples are seen, at least 1. */
    public Trainer epochs(long number) {
        if (number < 1) {
            throw new IllegalArgumentException("the number of epochs must be at least 1, not " + number);
        }
        epochs = number;
        return this;
    }

    /** The seed of the shuffling (each epoch in another order) and of the validation split. */
    public Trainer seed(Seed value) {
        seed = Objects.requireNonNull(value, "seed");
        return this;
    }

    /** Leaves the samples out that do not fill a last batch (others each epoch). */
    public Trainer dropLast(boolean drop) {
        dropLast = drop;
        return this;
    }

    /** Threads that read the data ahead; 1 unless set. The result is the same for any number. */
    public Trainer workers(int threads) {
        Batches.checkWorkers(threads);
        workers = threads;
        return this;
    }

    /**
     * Each epoch consists of the samples that it chooses, instead of all once in an order by the seed. Its numbers are those of
     * the data that {@link #fit} is given: it does not go together with a share held out.
     */
    public Trainer sampler(Sampler chosen) {
        sampler = Objects.requireNonNull(chosen, "sampler");
        return this;
    }

    /** Holds a share of the training data out, chosen by the seed, and evaluates on it after every epoch. */
    public Trainer validation(double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("the validation share must be between 0 and 1, not " + fraction);
        }
        validationFraction = fraction;
        return this;
    }

    /** Evaluates on this after every epoch. */
    public Trainer validation(Dataset data) {
        validation = Objects.requireNonNull(data, "data");
        return this;
    }

    /**
     * Gives some parameters an optimiser of their own, such as one without weight decay:
     *
     * {@snippet :
     * Trainer.of(net, loss, Adam.decoupled(schedule)).group("plain", p -> p.shape().rank() == 1, Adam.decoupled(schedule).weightDecay(0))
     * }
     *
     * @param name of the group; checkpoints are only continued from by a training whose groups have the same names and parameters
     * @param parameters which; one that fits several groups belongs to the first. Names are the net's, such as conv1.weight
     */
    public Trainer group(String name, Predicate<ParameterSpec> parameters, Optimizer optimizer) {
        if (name.isEmpty() || rule.optimizers().containsKey(name)) {
            throw new IllegalArgumentException("groups of parameters need names, each another: \"" + name + "\"");
        }
        List<UpdateRule.Group> groups = new ArrayList<>(rule.groups());
        groups.add(new UpdateRule.Group(name, Objects.requireNonNull(parameters, "parameters"), Objects.requireNonNull(optimizer, "optimizer")));
        rule = new UpdateRule(rule.optimizer(), List.copyOf(groups), rule.clipNorm(), rule.clipValue(), rule.accumulate(), rule.averaging());
        return this;
    }

    /** Scales gradients down whose norm, over all parameters, is larger (Pascanu, Mikolov, Bengio 2013); as PyTorch's clip_grad_norm_. */
    public Trainer clipNorm(double largest) {
        checkLimit("norm", largest);
        rule = new UpdateRule(rule.optimizer(), rule.groups(), largest, rule.clipValue(), rule.accumulate(), rule.averaging());
        return this;
    }

    /** Brings every element of the gradient into [-largest, largest], before any clipping by the norm. */
    public Trainer clipValue(double largest) {
        checkLimit("value", largest);
        rule = new UpdateRule(rule.optimizer(), rule.groups(), rule.clipNorm(), largest, rule.accumulate(), rule.averaging());
        return this;
    }

    private static void checkLimit(String what, double largest) {
        if (!(largest > 0)) {
            throw new IllegalArgumentException("clipping: the largest " + what + " must be above 0, not " + largest);
        }
    }

    /**
     * Makes one update for so many batches (the last of an epoch for what is left), from the mean gradient of their samples:
     * that of one large batch, as far as samples do not look at each other as in batch normalisation. The loss must be a mean
     * over the batch. Schedules count updates.
     */
    public Trainer accumulate(int batches) {
        if (batches < 1) {
            throw new IllegalArgumentException("the number of batches for an update must be at least 1, not " + batches);
        }
        rule = new UpdateRule(rule.optimizer(), rule.groups(), rule.clipNorm(), rule.clipValue(), batches, rule.averaging());
        return this;
    }

    /**
     * Keeps an average of the weights and running statistics over the updates. Validation, early stopping and the net that
     * comes out have the averages; checkpoints have both.
     */
    public Trainer averaging(Averaging how) {
        rule = new UpdateRule(rule.optimizer(), rule.groups(), rule.clipNorm(), rule.clipValue(), rule.accumulate(),
                Objects.requireNonNull(how, "how"));
        return this;
    }

    /** Is told about every step and epoch. */
    public Trainer listener(TrainingListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Ends the training with a {@link NotFiniteException} at the first step that makes NaN or infinity, and says which
     * operation of which layer did. Costs about one more update of the parameters per step: for finding out, not for always.
     */
    public Trainer watchNan() {
        return listener(NanWatch.of(network, objective));
    }

    /**
     * Ends the training when the validation loss has not fallen for {@code epochs} epochs, and goes back to the weights
     * of the best epoch. Needs validation data.
     */
    public Trainer earlyStopping(long epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("early stopping: the patience must be at least 1 epoch, not " + epochs);
        }
        patience = epochs;
        return this;
    }

    /**
     * Writes {@code checkpoint-STEP.safetensors} into a folder: weights, optimiser, position and history.
     *
     * @param everySteps 0: after every epoch
     */
    public Trainer checkpoints(Path folder, long everySteps) {
        if (everySteps < 0) {
            throw new IllegalArgumentException("checkpoints: the interval must not be negative, not " + everySteps);
        }
        checkpointFolder = Objects.requireNonNull(folder, "folder");
        checkpointEvery = everySteps;
        return this;
    }

    /** How many of the newest checkpoints are kept, at least 1; 3 unless set. */
    public Trainer keep(int checkpoints) {
        if (checkpoints < 1) {
            throw new IllegalArgumentException("at least one checkpoint must be kept, not " + checkpoints);
        }
        checkpointsKept = checkpoints;
        return this;
    }

    /**
     * What the result depends on besides, in words, such as how the data were made: checkpoints keep it, and are only
     * continued from by a training with the same.
     */
    public Trainer note(String text) {
        note = Objects.requireNonNull(text, "text");
        return this;
    }

    /** Continues from a checkpoint of a training with the same settings: it ends with the same bits. */
    public Trainer resume(Path checkpoint) {
        resumeFrom = Objects.requireNonNull(checkpoint, "checkpoint");
        return this;
    }

    /**
     * Trains.
     *
     * @throws IllegalArgumentException when the data do not fit the network or the loss, or a label is out of range
     * @throws IllegalStateException when a sample cannot be read
     * @throws UncheckedIOException when a checkpoint cannot be read or written
     */
    public Training fit(Dataset data) {
        Objects.requireNonNull(data, "data");
        checkFits(data);
        Dataset held = validation;
        Dataset train = data;
        if (validationFraction > 0 && held == null) {
            Split split = data.split(1 - validationFraction, seed.derive("validation").value());
            train = split.train();
            held = split.test();
        }
        if (sampler != null && train != data) {
            throw new IllegalArgumentException("the sampler " + sampler + " knows the numbers of all samples, not of those that are"
                    + " left when a share is held out: give the validation data themselves");
        }
        if (patience > 0 && held == null) {
            throw new IllegalArgumentException("early stopping needs validation data");
        }
        if (held == null && rule.optimizers().values().stream().anyMatch(optimizer -> optimizer.schedule().needsValidation())) {
            throw new IllegalArgumentException("a learning rate that follows the validation loss needs validation data");
        }
        try (Loop loop = new Loop(this, train, held)) {
            return loop.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The step of this training for batches of one size, for a loop of one's own; with an optimiser state of its own.
     * To be closed, before the network is.
     *
     * @param size samples in a batch, at least 1
     */
    public TrainStep compile(long size) {
        return compile(size, (DType) null);
    }

    /** {@link #compile(long)} for the batches of a data set, whose targets then are as it gives them. */
    public TrainStep compile(long size, Dataset data) {
        return compile(size, LossGraph.targetType(data));
    }

    private TrainStep compile(long size, DType type) {
        if (size < 1) {
            throw new IllegalArgumentException("the batch size must be at least 1, not " + size);
        }
        if (rule.averaging() instanceof Averaging.Stochastic) {
            throw new IllegalArgumentException("a step by itself knows no epochs, which stochastic averaging needs");
        }
        return TrainStep.alone(network, objective, rule, size, type);
    }

    void checkFits(Dataset data) {
        LossGraph.checkInput(network, data.inputShape());
        objective.outputs(network.architecture());
        if (data.classes() > 0 && network.architecture().outputs().size() == 1 && network.architecture().output().rank() == 1
                && network.architecture().output().dim(0) < data.classes()) {
            throw new IllegalArgumentException("the data have " + data.classes() + " classes, the network only "
                    + network.architecture().output().dim(0) + " outputs");
        }
    }

    Network network() {
        return network;
    }

    Objective objective() {
        return objective;
    }

    UpdateRule rule() {
        return rule;
    }

    List<TrainingListener> listeners() {
        return listeners;
    }

    int batchSize() {
        return batch;
    }

    long epochs() {
        return epochs;
    }

    long patience() {
        return patience;
    }

    Path checkpointFolder() {
        return checkpointFolder;
    }

    long checkpointEvery() {
        return checkpointEvery;
    }

    int checkpointsKept() {
        return checkpointsKept;
    }

    Path resumeFrom() {
        return resumeFrom;
    }

    /** The batches of all epochs. */
    Batches.Setup batches(Dataset data) {
        Batches.Setup setup = batches(data, batch).epochs(epochs);
        return dropLast ? setup.dropLast() : setup;
    }

    /** Batches of another size in the same order. */
    Batches.Setup batches(Dataset data, int size) {
        Batches.Setup setup = Batches.of(data, size).workers(workers);
        return sampler == null ? setup.shuffled(seed.derive("shuffle").value()) : setup.sampled(sampler);
    }

    /**
     * Everything on which the bits of the next steps depend, but the network, the data and (for schedules that look at it)
     * the number of epochs: a finished training may be continued with more of them.
     */
    String settings() {
        return "loss=" + objective + " optimizer=" + rule.optimizer() + " batch=" + batch + " seed=" + seed.value()
                + " dropLast=" + dropLast + " validation=" + validationFraction
                + (sampler == null ? "" : " sampler=" + sampler)
                + rule.settings(network.architecture().parameters())
                + (network.frozen().isEmpty() ? "" : " frozen=" + network.frozen()) + (note.isEmpty() ? "" : " " + note);
    }
}
