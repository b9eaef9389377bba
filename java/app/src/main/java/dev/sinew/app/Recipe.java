package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.data.Dataset;
import dev.sinew.data.transform.Affine;
import dev.sinew.nn.Loss;
import dev.sinew.optim.Adadelta;
import dev.sinew.optim.Adagrad;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Adamax;
import dev.sinew.optim.Lamb;
import dev.sinew.optim.NAdam;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.RAdam;
import dev.sinew.optim.RmsProp;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;

/**
 * How a net is trained.
 *
 * @param epochs passes over the training data
 * @param batch samples per step
 * @param algorithm the optimiser
 * @param rate its learning rate
 * @param decay its weight decay
 * @param course of the learning rate
 * @param warmup steps over which the rate rises first
 * @param smoothing of the labels
 * @param augment whether the images are varied
 */
record Recipe(int epochs, int batch, Algorithm algorithm, double rate, double decay, Course course, long warmup, double smoothing,
        boolean augment) {
    private static final double MOMENTUM = 0.9;

    /** The optimisers. */
    enum Algorithm {
        SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, AMSGRAD, ADAMAX, NADAM, RADAM, LAMB, RMSPROP, ADAGRAD, ADADELTA;

        @Override
        public String toString() {
            return Choice.id(this);
        }
    }

    /** How the learning rate goes. */
    enum Course {
        CONSTANT, STEP, COSINE, LINEAR, RESTARTS, ONE_CYCLE, PLATEAU;

        @Override
        public String toString() {
            return Choice.id(this);
        }
    }

    /** What was found to work well for that net on that data. */
    static Recipe of(Model model, Data data) {
        return switch (data) {
            case DIGITS -> digits(model);
            case FASHION_MNIST, MNIST -> garments(model);
            case CIFAR10, CIFAR100, FOLDER -> photographs(model);
        };
    }

    /** As for garments, with moved and mirrored images, and longer, for there is more to learn. */
    private static Recipe photographs(Model model) {
        Recipe usual = garments(model);
        return new Recipe(2 * usual.epochs, usual.batch, usual.algorithm, usual.rate, usual.decay, usual.course, usual.warmup, usual.smoothing,
                model != Model.SOFTMAX);
    }

    private static Recipe digits(Model model) {
        return switch (model) {
            case SOFTMAX -> new Recipe(40, 64, Algorithm.ADAM, 0.01, 0, Course.COSINE, 0, 0, false);
            case MLP -> new Recipe(40, 64, Algorithm.ADAMW, 0.001, 0.01, Course.COSINE, 0, 0.1, true);
            case LENET5, CNN -> new Recipe(60, 64, Algorithm.ADAMW, 0.003, 0.01, Course.COSINE, 0, 0.1, true);
            case RESNET20 -> new Recipe(40, 64, Algorithm.ADAMW, 0.003, 0.01, Course.COSINE, 0, 0.1, true);
        };
    }

    /** Fashion-MNIST, and MNIST, which is easier. */
    private static Recipe garments(Model model) {
        return switch (model) {
            case SOFTMAX -> new Recipe(20, 128, Algorithm.SGD, 0.05, 0, Course.COSINE, 0, 0, false);
            case MLP -> new Recipe(20, 128, Algorithm.MOMENTUM, 0.02, 1e-4, Course.COSINE, 0, 0, false);
            case LENET5 -> new Recipe(20, 128, Algorithm.MOMENTUM, 0.05, 5e-4, Course.COSINE, 0, 0, false);
            case CNN -> new Recipe(10, 128, Algorithm.MOMENTUM, 0.1, 5e-4, Course.COSINE, 0, 0, false);
            case RESNET20 -> new Recipe(10, 128, Algorithm.MOMENTUM, 0.1, 5e-4, Course.COSINE, 0, 0, false);
        };
    }

    Schedule schedule() {
        Schedule schedule = switch (course) {
            case CONSTANT -> Schedule.constant(rate);
            case STEP -> Schedule.step(rate, Math.max(1, (epochs + 2) / 3), 0.1);
            case COSINE -> Schedule.cosine(rate);
            case LINEAR -> Schedule.polynomial(rate, 1);
            case RESTARTS -> Schedule.cosineRestarts(rate, 0, Math.max(1, epochs / 7), 2);
            case ONE_CYCLE -> Schedule.oneCycle(rate);
            case PLATEAU -> Schedule.plateau(rate).patience(2);
        };
        return warmup == 0 ? schedule : schedule.warmUp(warmup);
    }

    Optimizer optimizer() {
        return switch (algorithm) {
            case SGD -> Sgd.rate(schedule()).weightDecay(decay);
            case MOMENTUM -> Sgd.rate(schedule()).momentum(MOMENTUM).weightDecay(decay);
            case NESTEROV -> Sgd.rate(schedule()).nesterov(MOMENTUM).weightDecay(decay);
            case ADAM -> Adam.rate(schedule()).weightDecay(decay);
            case ADAMW -> Adam.decoupled(schedule()).weightDecay(decay);
            case AMSGRAD -> Adam.rate(schedule()).weightDecay(decay).withAmsgrad();
            case ADAMAX -> Adamax.rate(schedule()).weightDecay(decay);
            case NADAM -> NAdam.rate(schedule()).weightDecay(decay);
            case RADAM -> RAdam.rate(schedule()).weightDecay(decay);
            case LAMB -> Lamb.rate(schedule()).weightDecay(decay);
            case RMSPROP -> RmsProp.rate(schedule()).weightDecay(decay);
            case ADAGRAD -> Adagrad.rate(schedule()).weightDecay(decay);
            case ADADELTA -> Adadelta.rate(schedule()).weightDecay(decay);
        };
    }

    Loss loss() {
        return smoothing == 0 ? Loss.crossEntropy() : Loss.crossEntropy().smoothing(smoothing);
    }

    /** The training data as they are learnt from: images of handwriting are turned, zoomed and shifted a little. */
    Dataset varied(Dataset train, Data data, Seed seed) {
        if (!augment) {
            return train;
        }
        Affine same = Affine.none().background(-data.scale().mean().getFirst() / data.scale().deviation().getFirst());
        return train.transformed(seed.derive("augment"), switch (data) {
            case DIGITS -> same.rotate(12).zoom(0.1).shift(0.8);
            case MNIST -> same.rotate(12).zoom(0.1).shift(2);
            case FASHION_MNIST -> same.shift(2).mirrored();
            case CIFAR10, CIFAR100 -> same.background(0).shift(4).mirrored();
            case FOLDER -> same.background(0).rotate(8).zoom(0.15).shift(train.inputShape().dim(1) / 16.0).mirrored();
        });
    }
}
