package dev.sinew.app;

import dev.sinew.optim.Averaging;
import dev.sinew.train.Trainer;
import picocli.CommandLine.Option;

/** The options that change a {@link Recipe}; those that are not given leave it. */
final class RecipeOptions {
    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training data.")
    private Integer epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Samples per step.")
    private Integer batch;

    @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate.")
    private Double rate;

    @Option(names = "--optimizer", paramLabel = "NAME", description = "One of ${COMPLETION-CANDIDATES}; the momentum is 0.9.")
    private Recipe.Algorithm algorithm;

    @Option(names = "--weight-decay", paramLabel = "X", description = "L2 decay; decoupled for adamw.")
    private Double decay;

    @Option(names = "--schedule", paramLabel = "NAME",
            description = "One of ${COMPLETION-CANDIDATES}: step divides the rate by 10 after each third, cosine "
                    + "and linear let it fall to 0, restarts does so again and again, one-cycle lets it rise first, plateau divides it by 10 "
                    + "when the validation loss does not fall.")
    private Recipe.Course course;

    @Option(names = "--warmup", paramLabel = "STEPS", description = "Steps over which the rate rises at first.")
    private Long warmup;

    @Option(names = "--label-smoothing", paramLabel = "X", description = "From 0 to 1.")
    private Double smoothing;

    @Option(names = "--augment", negatable = true, description = "Vary the training images a little in every epoch, or do not.")
    private Boolean augment;

    @Option(names = "--clip-norm", paramLabel = "X", description = "Scales gradients down whose norm is larger.")
    private Double clipNorm;

    @Option(names = "--accumulate", paramLabel = "N", description = "Batches that make one update together.")
    private Integer accumulate;

    @Option(names = "--ema", paramLabel = "DECAY", description = "Averages the weights with that decay, such as 0.999.")
    private Double ema;

    /** What is done around the optimiser's step. */
    void applyTo(Trainer trainer) {
        if (clipNorm != null) {
            trainer.clipNorm(clipNorm);
        }
        if (accumulate != null) {
            trainer.accumulate(accumulate);
        }
        if (ema != null) {
            trainer.averaging(Averaging.exponential(ema).withWarmUp());
        }
    }

    Recipe over(Recipe usual) {
        return new Recipe(or(epochs, usual.epochs()), or(batch, usual.batch()), or(algorithm, usual.algorithm()), or(rate, usual.rate()),
                or(decay, usual.decay()), or(course, usual.course()), or(warmup, usual.warmup()), or(smoothing, usual.smoothing()),
                or(augment, usual.augment()));
    }

    private static <T> T or(T given, T usual) {
        return given == null ? usual : given;
    }
}
